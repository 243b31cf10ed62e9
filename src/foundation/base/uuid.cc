#include "foundation/base/uuid.h"

namespace highwater {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string Uuid::to_text() const {
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += alphabet[bits >> count & 63u];
    }
  }
  text += alphabet[bits << (6 - count) & 63u];
  return text;
}

std::optional<Uuid> Uuid::from_text(std::string_view text) {
  if (text.size() != 22) return std::nullopt;
  Uuid id;
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t filled = 0;
  for (char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    if (filled < id.bytes.size()) id.bytes[filled++] = static_cast<std::uint8_t>(bits >> count);
  }
  return id;
}

}  // namespace highwater
