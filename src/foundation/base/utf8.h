// UTF-8, as the wire and our own text have it: the shortest form only, no surrogates, nothing above U+10FFFF (RFC
// 3629).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace highwater {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // that it takes
};

// The first code point of `text`; nothing when `text` is empty or does not begin with a whole and valid one.
std::optional<CodePoint> first_code_point(std::string_view text);

bool is_utf8(std::string_view text);

// `point` is at most U+10FFFF and no surrogate.
void append_utf8(std::string& out, std::uint32_t point);

}  // namespace highwater
