#include "machines/configs/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "foundation/base/check.h"
#include "foundation/base/whole_number.h"
#include "machines/configs/special_values.h"

namespace highwater::configs {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  return whole_number<Number>(text);
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view white = " \t\r\n\f";
  const std::size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::optional<bool> parse_boolean(std::string_view text) {
  text = trim(text);
  if (equals_ignoring_case(text, "true")) return true;
  if (equals_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) { return parse_number<std::int64_t>(text); }

// Java takes a suffix that says which of its types is meant.
std::optional<double> parse_double(std::string_view text) {
  text = trim(text);
  constexpr std::string_view suffixes = "fFdD";
  const bool suffixed =
      text.size() > 1 && suffixes.find(text.back()) != std::string_view::npos &&
      (text[text.size() - 2] == '.' || (text[text.size() - 2] >= '0' && text[text.size() - 2] <= '9'));
  return parse_number<double>(suffixed ? text.substr(0, text.size() - 1) : text);
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> items;
  text = trim(text);
  if (text.empty()) return items;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    items.emplace_back(trim(text.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return items;
}

namespace {

// Java's Double.toString: plain between 0.001 and 10,000,000, else with an exponent; always with a fraction.
std::string java_double(double value) {
  if (value != value) return "NaN";
  const double size = value < 0 ? -value : value;
  if (size > 1.7976931348623157e308) return value < 0 ? "-Infinity" : "Infinity";
  if (size == 0 || (size >= 1e-3 && size < 1e7)) {
    std::string text = fmt::format("{:f}", value);
    std::string shortest = fmt::format("{}", value);
    if (shortest.find('e') == std::string::npos) text = std::move(shortest);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::scientific).ptr;
  const std::string_view text(digits.data(), end);
  const std::size_t e = text.find('e');
  std::string mantissa(text.substr(0, e));
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return fmt::format("{}E{}", mantissa, parse_integer(text.substr(e + 1)).value_or(0));
}

std::string distinct_items(std::string_view text) {
  std::vector<std::string> distinct;
  for (std::string& item : parse_list(text))
    if (std::ranges::find(distinct, item) == distinct.end()) distinct.push_back(std::move(item));
  return fmt::format("{}", fmt::join(distinct, ","));
}

}  // namespace

std::string canonical_text(const ConfigKey& key, std::string_view text) {
  text = trim(text);
  switch (key.type) {
    case ValueType::boolean:
      if (const auto value = parse_boolean(text)) return *value ? "true" : "false";
      return std::string(text);
    case ValueType::int16:
    case ValueType::int32:
    case ValueType::int64:
      if (const auto value = parse_integer(text)) return std::to_string(*value);
      return std::string(text);
    case ValueType::float64:
      if (const auto value = parse_double(text)) return java_double(*value);
      return std::string(text);
    case ValueType::list:
      return key.allowed == throttled_replicas ? fmt::format("{}", fmt::join(parse_list(text), ","))
                                               : distinct_items(text);
    case ValueType::string:
    case ValueType::class_name:
    case ValueType::password:
      return std::string(text);
  }
  return std::string(text);
}

std::optional<std::string_view> ConfigReader::find(std::string_view name) const {
  const ConfigKey* key = find_config(scope_, name);
  HW_CHECK(key != nullptr);
  if (const auto found = set_->find(name); found != set_->end()) return trim(found->second);
  if (key->default_text != nullptr) return key->default_text;
  return std::nullopt;
}

std::string ConfigReader::text(std::string_view name) const { return std::string(find(name).value_or("")); }

bool ConfigReader::boolean(std::string_view name) const {
  const auto value = parse_boolean(find(name).value_or(""));
  HW_CHECK(value.has_value());
  return *value;
}

std::int64_t ConfigReader::integer(std::string_view name) const {
  const auto value = parse_integer(find(name).value_or(""));
  HW_CHECK(value.has_value());
  return *value;
}

std::vector<std::string> ConfigReader::list(std::string_view name) const { return parse_list(find(name).value_or("")); }

}  // namespace highwater::configs
