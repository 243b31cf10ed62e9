#include "machines/configs/special_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace highwater::configs {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

bool is_replica(std::string_view item) {
  const std::size_t colon = item.find(':');
  return item.empty() ||
         (colon != std::string_view::npos && all_digits(item.substr(0, colon)) && all_digits(item.substr(colon + 1)));
}

// One "5H" of a duration, in the order of `units`; false when `text` does not go on so.
bool take_parts(std::string_view& text, std::string_view units, bool& any) {
  while (!text.empty() && text.front() != 'T' && text.front() != 't') {
    std::size_t size = 0;
    while (size < text.size() && (is_digit(text[size]) || text[size] == '.' || text[size] == ',')) ++size;
    if (size == 0 || size == text.size() || !is_digit(text.front())) return false;
    const char unit = static_cast<char>(text[size] >= 'a' ? text[size] - 'a' + 'A' : text[size]);
    const std::size_t place = units.find(unit);
    const bool whole = all_digits(text.substr(0, size));
    if (place == std::string_view::npos || (!whole && unit != 'S')) return false;
    units.remove_prefix(place + 1);
    text.remove_prefix(size + 1);
    any = true;
  }
  return true;
}

// PnDTnHnMn.nS, in either case, without signs.
bool is_duration(std::string_view text) {
  if (text.empty() || (text.front() != 'P' && text.front() != 'p')) return false;
  text.remove_prefix(1);
  bool any = false;
  if (!take_parts(text, "D", any)) return false;
  if (text.empty()) return any;
  text.remove_prefix(1);
  any = false;
  return take_parts(text, "HMS", any) && text.empty() && any;
}

}  // namespace

Result<void> check_throttled_replicas(const ConfigKey& key, const std::vector<std::string>& items) {
  if (fmt::format("{}", fmt::join(items, "")) == "*") return {};
  if (std::ranges::all_of(items, is_replica)) return {};
  return failure(
      fmt::format("Invalid value [{}] for configuration {}: {} must be the literal '*' or a list of replicas in the "
                  "following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                  fmt::join(items, ", "), key.name, key.name));
}

Result<void> check_offset_reset(const ConfigKey& key, std::string_view text) {
  constexpr std::string_view by_duration = "by_duration:";
  if (text == "earliest" || text == "latest") return {};
  if (text.starts_with(by_duration) && is_duration(text.substr(by_duration.size()))) return {};
  return failure(
      fmt::format("Invalid value {0} for configuration {1}: Invalid value `{0}` for configuration {1}. The value must "
                  "be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
                  text, key.name));
}

}  // namespace highwater::configs
