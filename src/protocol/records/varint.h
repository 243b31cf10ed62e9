// Zig-zag varints of records, inline: a record is little else, and these run once per field of every record that is
// validated. Reading never goes past `end`; more than 5 (32 bits) or 10 (64 bits) bytes are refused like in Kafka.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace highwater::records {

inline constexpr std::size_t varint_size_max = 5;
inline constexpr std::size_t varlong_size_max = 10;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::size_t varint_size(std::int64_t value) {
  return (static_cast<std::size_t>(std::bit_width(zigzag(value) | 1u)) + 6) / 7;
}

inline void put_varint(std::vector<std::uint8_t>& to, std::int64_t value) {
  std::uint64_t raw = zigzag(value);
  for (; raw >= 0x80; raw >>= 7) to.push_back(static_cast<std::uint8_t>(raw | 0x80));
  to.push_back(static_cast<std::uint8_t>(raw));
}

// Both return where reading goes on, or null.
inline const std::uint8_t* read_varlong(const std::uint8_t* from, const std::uint8_t* end, std::int64_t& value) {
  std::uint64_t raw = 0;
  for (unsigned shift = 0; shift < 7 * varlong_size_max; shift += 7) {
    if (from == end) return nullptr;
    const std::uint8_t byte = *from++;
    raw |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      value = static_cast<std::int64_t>(raw >> 1 ^ (0 - (raw & 1)));
      return from;
    }
  }
  return nullptr;
}

inline const std::uint8_t* read_varint(const std::uint8_t* from, const std::uint8_t* end, std::int32_t& value) {
  std::uint32_t raw = 0;
  for (unsigned shift = 0; shift < 7 * varint_size_max; shift += 7) {
    if (from == end) return nullptr;
    const std::uint8_t byte = *from++;
    raw |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      value = static_cast<std::int32_t>(raw >> 1 ^ (0 - (raw & 1)));
      return from;
    }
  }
  return nullptr;
}

}  // namespace highwater::records
