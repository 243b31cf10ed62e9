#include "machines/configs/values.h"

#include <charconv>

#include "foundation/base/check.h"

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
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
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

std::optional<double> parse_double(std::string_view text) { return parse_number<double>(text); }

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
