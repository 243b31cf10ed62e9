#include "protocol/records/golden_lines.h"

#include <algorithm>
#include <charconv>

namespace highwater::records {
namespace {

std::string_view vectors() {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
  static constexpr unsigned char text[] = {
#embed "../../../golden/log/record_batches.txt"
  };
#pragma clang diagnostic pop
  return {reinterpret_cast<const char*>(text), sizeof(text)};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::vector<std::vector<std::string_view>> golden_lines(std::string_view kind) {
  std::vector<std::vector<std::string_view>> lines;
  for (const auto line : split(vectors(), '\n')) {
    auto words = split(line, ' ');
    if (words[0] == kind) lines.push_back(std::move(words));
  }
  return lines;
}

std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  if (text == "-") return bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<std::uint8_t>(byte));
  }
  return bytes;
}

}  // namespace highwater::records
