// Types and bounds. The sentences carry Kafka's meaning ("Invalid value x for configuration k: why").
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "machines/configs/config_table.h"
#include "machines/configs/special_values.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

Result<void> invalid(const ConfigKey& key, std::string_view text, const std::string& why) {
  return failure(
      fmt::format("Invalid value {} for configuration {}: {}", key.sensitive() ? "[hidden]" : text, key.name, why));
}

struct IntegerKind {
  const char* kafka_name;
  std::int64_t lowest;
  std::int64_t highest;
};

std::optional<IntegerKind> integer_kind(ValueType type) {
  switch (type) {
    case ValueType::int16:
      return IntegerKind{"SHORT", INT16_MIN, INT16_MAX};
    case ValueType::int32:
      return IntegerKind{"INT", INT32_MIN, INT32_MAX};
    case ValueType::int64:
      return IntegerKind{"LONG", INT64_MIN, INT64_MAX};
    case ValueType::boolean:
    case ValueType::string:
    case ValueType::float64:
    case ValueType::list:
    case ValueType::class_name:
    case ValueType::password:
      return std::nullopt;
  }
  return std::nullopt;
}

// `allowed` of a number: "low..", "low..high", or either with "|single" behind it. What is out of bounds is told as the
// number that was read, what is no number as it was written.
Result<void> check_bounds(const ConfigKey& key, std::string_view written, double value) {
  const std::string text = canonical_text(key, written);
  std::string_view range = key.allowed;
  if (range.empty()) return {};
  std::string_view single;
  if (const std::size_t bar = range.find('|'); bar != std::string_view::npos) {
    single = range.substr(bar + 1);
    if (value == parse_double(single).value_or(0)) return {};
    range = range.substr(0, bar);
  }
  const std::size_t dots = range.find("..");
  const std::string_view low = range.substr(0, dots), high = range.substr(dots + 2);
  const bool below = !low.empty() && value < *parse_double(low);
  const bool above = !high.empty() && value > *parse_double(high);
  if (!single.empty() && (below || above))
    return invalid(key, text, fmt::format("Value must be between {} and {} or equal to {}", low, high, single));
  if (below) return invalid(key, text, fmt::format("Value must be at least {}", low));
  if (above) return invalid(key, text, fmt::format("Value must be no more than {}", high));
  return {};
}

std::vector<std::string> alternatives(std::string_view allowed) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin <= allowed.size();) {
    const std::size_t bar = std::min(allowed.find('|', begin), allowed.size());
    all.emplace_back(allowed.substr(begin, bar - begin));
    begin = bar + 1;
  }
  return all;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

// `allowed` of a text: "+" is not empty, "a|b" one of these, "~A|B" one of these in any case.
Result<void> check_text(const ConfigKey& key, std::string_view text, std::string_view item) {
  if (key.allowed == "+") {
    if (item.empty()) return invalid(key, text, "String must be non-empty");
    return {};
  }
  if (key.allowed.empty()) return {};
  if (key.allowed == offset_reset) return check_offset_reset(key, text);
  const bool any_case = key.allowed.front() == '~';
  const auto all = alternatives(any_case ? key.allowed.substr(1) : key.allowed);
  if (std::ranges::find(all, any_case ? upper(item) : std::string(item)) != all.end()) return {};
  return invalid(key, text, fmt::format("String must be one of: {}", fmt::join(all, ", ")));
}

Result<void> check_list(const ConfigKey& key, std::string_view text) {
  const auto items = parse_list(text);
  if (key.allowed == throttled_replicas) return check_throttled_replicas(key, items);
  if (items.empty() && key.allowed == "+")
    return failure(
        fmt::format("Configuration '{}' must not be empty. Valid values include: any non-empty value", key.name));
  for (const std::string& item : items) {
    if (item.empty()) return failure(fmt::format("Configuration '{}' values must not be empty.", key.name));
    if (auto checked = check_text(key, item, item); !checked) return checked;
  }
  return {};
}

}  // namespace

Result<void> check_value(const ConfigKey& key, std::string_view written) {
  const std::string_view text = trim(written);
  if (const auto kind = integer_kind(key.type)) {
    const auto value = parse_integer(text);
    if (!value || *value < kind->lowest || *value > kind->highest)
      return invalid(key, written, fmt::format("Not a number of type {}", kind->kafka_name));
    return check_bounds(key, text, static_cast<double>(*value));
  }
  switch (key.type) {
    case ValueType::boolean:
      if (!parse_boolean(text)) return invalid(key, written, "Expected value to be either true or false");
      return {};
    case ValueType::float64: {
      const auto value = parse_double(text);
      if (!value) return invalid(key, written, "Not a number of type DOUBLE");
      return check_bounds(key, text, *value);
    }
    case ValueType::list:
      return check_list(key, text);
    case ValueType::string:
      return check_text(key, text, text);
    case ValueType::class_name:
    case ValueType::password:
    case ValueType::int16:
    case ValueType::int32:
    case ValueType::int64:
      return {};
  }
  return {};
}

}  // namespace highwater::configs
