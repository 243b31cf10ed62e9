#include "machines/controller/topic_names.h"

#include <fmt/core.h>

#include <algorithm>

#include "machines/controller/limits.h"

namespace highwater::controller {

namespace {

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string topic_name_problem(std::string_view name) {
  if (name.empty()) return "Topic name is invalid: the empty string is not allowed";
  if (name == "." || name == "..") return fmt::format("Topic name is invalid: '{}' is not allowed", name);
  if (name.size() > topic_name_length_max) {
    return fmt::format("Topic name is invalid: the length of '{}' is longer than the max allowed length {}", name,
                       topic_name_length_max);
  }
  if (!std::ranges::all_of(name, is_allowed)) {
    return fmt::format(
        "Topic name is invalid: '{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        name);
  }
  return {};
}

bool has_collision_characters(std::string_view name) { return name.find_first_of("._") != std::string_view::npos; }

std::string collision_key(std::string_view name) {
  std::string key(name);
  std::ranges::replace(key, '.', '_');
  return key;
}

}  // namespace highwater::controller
