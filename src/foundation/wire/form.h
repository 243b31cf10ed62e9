// The two ways in which Kafka writes lengths. Classic: i16 for strings, i32 for bytes and arrays, -1 is null.
// Compact (flexible versions, KIP-482): unsigned varint of length + 1, 0 is null.
#pragma once

#include <cstddef>
#include <cstdint>

namespace highwater::wire {

enum class Form : std::uint8_t { classic, compact };

// Longest string in either form (Kafka refuses more on both sides).
inline constexpr std::size_t text_size_max = 0x7fff;

}  // namespace highwater::wire
