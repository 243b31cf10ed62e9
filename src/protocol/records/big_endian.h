// Loads and stores of big-endian integers at raw addresses, for the fixed headers of batches and log files. The caller
// has checked the bounds; messages with variable parts go through foundation/wire instead.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace highwater::records {

template <class Integer>
constexpr Integer swap_bytes(Integer value) {
  using Raw = std::make_unsigned_t<Integer>;
  const Raw raw = static_cast<Raw>(value);
  if constexpr (sizeof(Integer) == 1) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(raw));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(raw));
  } else {
    static_assert(sizeof(Integer) == 8);
    return static_cast<Integer>(__builtin_bswap64(raw));
  }
}

template <class Integer>
inline Integer load_be(const std::uint8_t* from) {
  static_assert(std::endian::native == std::endian::little);
  Integer value;
  std::memcpy(&value, from, sizeof(value));
  return swap_bytes(value);
}

template <class Integer>
inline void store_be(std::uint8_t* to, Integer value) {
  value = swap_bytes(value);
  std::memcpy(to, &value, sizeof(value));
}

}  // namespace highwater::records
