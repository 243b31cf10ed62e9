// Views of raw bytes. Whoever holds a view does not own what it shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace highwater {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace highwater
