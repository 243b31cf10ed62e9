#include "server/network/peer_text.h"

#include "server/network/limits.h"

namespace highwater::server {

std::string shown(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const char character : text.substr(0, shown_text_max)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
      result += character;
    } else {
      result += "\\x";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  if (text.size() > shown_text_max) result += "...";
  return result;
}

}  // namespace highwater::server
