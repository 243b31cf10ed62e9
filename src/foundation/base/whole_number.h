// A text that is one decimal number and nothing else. Signs other than '-', blanks and numbers that do not fit are
// none: who takes more, as Java does in places, says so where it calls.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace highwater {

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace highwater
