#include "checkers/rising.h"

#include <fmt/core.h>

#include <algorithm>

namespace highwater::sim {

void Rising::asked(const std::string& key, std::int64_t value) {
  Bounds& bounds = bounds_[key];
  bounds.ceiling = std::max(bounds.ceiling, value);
}

void Rising::certain(const std::string& key, std::int64_t value) {
  Bounds& bounds = bounds_[key];
  bounds.floor = std::max(bounds.floor, value);
  bounds.ceiling = std::max(bounds.ceiling, value);
}

std::int64_t Rising::floor(const std::string& key) const {
  const auto found = bounds_.find(key);
  return found == bounds_.end() ? 0 : found->second.floor;
}

std::int64_t Rising::ceiling(const std::string& key) const {
  const auto found = bounds_.find(key);
  return found == bounds_.end() ? 0 : found->second.ceiling;
}

std::optional<std::string> Rising::read(const std::string& key, std::int64_t value, std::int64_t floor_then) {
  const std::int64_t most = ceiling(key);
  if (value > most) return fmt::format("{} is {}, but nobody asked for more than {}", key, value, most);
  return watch(key, value, floor_then);
}

std::optional<std::string> Rising::watch(const std::string& key, std::int64_t value, std::int64_t floor_then) {
  certain(key, value);
  if (value >= floor_then) return std::nullopt;
  return fmt::format("{} went back from {} to {}", key, floor_then, value);
}

}  // namespace highwater::sim
