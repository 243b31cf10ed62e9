// The maxima of the replica machine.
#pragma once

#include <cstddef>

namespace highwater::replica {

// Tickets that wait on one partition. Beyond it an append is refused: the log is far behind its producers.
inline constexpr std::size_t tickets_max = 100'000;

// Replicas of one partition that are followed.
inline constexpr std::size_t followers_max = 64;

}  // namespace highwater::replica
