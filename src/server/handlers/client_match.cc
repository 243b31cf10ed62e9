#include "server/handlers/client_match.h"

#include <algorithm>
#include <map>
#include <regex>

#include "machines/configs/values.h"

namespace highwater::server {
namespace {

constexpr std::size_t pattern_max = 1024;
constexpr std::size_t text_max = 1024;

// At most: every counted repetition, wherever it stands, is taken to repeat the whole.
std::size_t size_written_out(std::string_view pattern) {
  std::size_t size = pattern.size();
  for (std::size_t at = 0; at < pattern.size() && size <= pattern_max; ++at) {
    if (pattern[at] != '{') continue;
    std::size_t count = 0;
    std::size_t most = 1;
    for (++at; at < pattern.size() && pattern[at] != '}' && most <= pattern_max; ++at) {
      const bool digit = pattern[at] >= '0' && pattern[at] <= '9';
      count = digit ? count * 10 + static_cast<std::size_t>(pattern[at] - '0') : 0;
      most = std::max(most, count);
    }
    size *= most;
  }
  return size;
}

}  // namespace

bool matches_pattern(std::string_view text, const std::string& pattern) {
  if (size_written_out(pattern) > pattern_max || text.size() > text_max) return false;
  // The library's other engine goes one call deeper for every byte of the text.
  constexpr auto linear = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;
  try {
    return std::regex_match(text.begin(), text.end(), std::regex(pattern, linear));
  } catch (const std::regex_error&) {
    return false;
  }
}

std::optional<std::string> ClientTraits::find(std::string_view name) const {
  if (name == "client_instance_id") return instance_id;
  if (name == "client_id") return client_id;
  if (name == "client_software_name") return software_name;
  if (name == "client_software_version") return software_version;
  if (name == "client_source_address") return address;
  if (name == "client_source_port") return port;
  return std::nullopt;
}

bool matches_client(std::string_view match, const ClientTraits& client) {
  std::map<std::string, std::string, std::less<>> patterns;
  for (const std::string& item : configs::parse_list(match)) {
    const std::string_view view = item;
    const std::size_t equals = view.find('=');
    if (equals == std::string_view::npos) return false;
    std::string_view pattern = view.substr(equals + 1);
    while (pattern.ends_with('=')) pattern.remove_suffix(1);  // as they were stored: Java's split drops empty ends
    patterns.insert_or_assign(std::string(configs::trim(view.substr(0, equals))), std::string(configs::trim(pattern)));
  }
  for (const auto& [name, pattern] : patterns) {
    const auto value = client.find(name);
    if (!value || !matches_pattern(*value, pattern)) return false;
  }
  return true;
}

}  // namespace highwater::server
