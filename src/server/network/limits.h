// What one connection and one core may hold. Bytes unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "foundation/base/time.h"

namespace highwater::server {

// Shared by all connections of a core: bytes are read into it. Requests that are begun at once leave it before the next
// read, others are copied out of it; where one stays, the next read gets another.
inline constexpr std::size_t scratch_bytes = 64 << 10;
// One connection takes at most this much from its socket per turn (rule L1).
inline constexpr std::size_t turn_bytes_max = 1 << 20;
// Memory that a begun frame may have ahead of the bytes that arrived: factor, and a floor.
inline constexpr std::size_t frame_growth_factor = 4;
inline constexpr std::size_t frame_first_bytes = 4 << 10;
// A peer that sent frames of some size gets room for the next one of that size at once, up to this.
inline constexpr std::size_t trusted_frame_bytes_max = 1 << 20;
// Frames up to this size come out of the scratch; a connection with larger ones reads into blocks of its own.
inline constexpr std::size_t small_frame_bytes = 16 << 10;
// Requests that wait for their turn, and Produce requests in flight: above either the connection is not read (rule L3).
inline constexpr std::size_t waiting_bytes_max = 256 << 10;
inline constexpr std::size_t in_flight_bytes_max = 8 << 20;
inline constexpr std::size_t in_flight_requests_max = 1024;
// Answers that the peer does not take: above this its requests wait.
inline constexpr std::size_t unsent_bytes_max = 1 << 20;
// Room for the first answers that are written one behind the other.
inline constexpr std::size_t written_first_bytes = 4 << 10;
// Pieces of one gathered write.
inline constexpr std::size_t write_pieces_max = 64;
// Peers whose last log line is remembered.
inline constexpr std::size_t logged_peers_max = 256;
// Connections of addresses that connect too fast, kept open for a moment and then closed unheard.
inline constexpr std::size_t held_connections_max = 64;
// Text of a client that a log line shows.
inline constexpr std::size_t shown_text_max = 64;

}  // namespace highwater::server
