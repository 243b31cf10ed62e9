#include "server/handlers/config_values.h"

#include <array>
#include <charconv>
#include <span>

namespace highwater::server {
namespace {

using configs::Scope;
using metadata::ResourceType;

// Keys that say the same thing in different units; Kafka lists them as each other's synonyms.
constexpr std::array<std::string_view, 2> roll = {"log.roll.ms", "log.roll.hours"};
constexpr std::array<std::string_view, 2> jitter = {"log.roll.jitter.ms", "log.roll.jitter.hours"};
constexpr std::array<std::string_view, 3> retention = {"log.retention.ms", "log.retention.minutes",
                                                       "log.retention.hours"};
constexpr std::array<std::string_view, 2> flush = {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"};
constexpr std::span<const std::string_view> families[] = {roll, jitter, retention};

std::vector<std::string_view> names_of(std::string_view name) {
  for (const auto& family : families) {
    for (const std::string_view member : family) {
      if (member == name) return {family.begin(), family.end()};
    }
  }
  if (name == flush.front()) return {flush.begin(), flush.end()};
  return {name};
}

template <class Map>
void collect(const Map& map, const std::vector<std::string_view>& names, ConfigSource source,
             std::vector<ConfigValue>& found) {
  for (const std::string_view name : names) {
    const auto at = map.find(std::string(name));
    if (at != map.end()) found.push_back({std::string(name), at->second, source});
  }
}

std::string multiplied(const std::string& text, std::int64_t factor) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (factor == 1 || error != std::errc() || end != text.data() + text.size() || value < 0) return text;
  return std::to_string(value * factor);
}

}  // namespace

std::vector<ConfigValue> ConfigValues::of_broker(std::string_view name) const {
  const std::vector<std::string_view> names = names_of(name);
  std::vector<ConfigValue> found;
  collect(image_.configs(ResourceType::broker, std::to_string(settings_.node_id)), names, ConfigSource::this_broker,
          found);
  collect(image_.configs(ResourceType::broker, ""), names, ConfigSource::all_brokers, found);
  collect(settings_.text, names, ConfigSource::file, found);
  for (const std::string_view one : names) {
    const configs::ConfigKey* key = configs::find_config(Scope::broker, one);
    if (key != nullptr && key->default_text != nullptr) {
      found.push_back({std::string(one), key->default_text, ConfigSource::by_default});
    }
  }
  // Kafka drops what stands before the first value of the name itself.
  auto first = found.begin();
  while (first != found.end() && first->name != name) ++first;
  found.erase(found.begin(), first);
  return found;
}

std::vector<ConfigValue> ConfigValues::of_resource(const configs::ConfigKey& key, Levels levels,
                                                   std::string_view resource) const {
  std::vector<ConfigValue> found;
  const auto synonyms = configs::broker_synonyms(key.name);
  if (!synonyms.empty()) found = of_broker(synonyms.front().broker_key);
  const auto& own = image_.configs(levels.type, resource);
  if (const auto at = own.find(std::string(key.name)); at != own.end()) {
    found.insert(found.begin(), {std::string(key.name), at->second, levels.own});
  }
  return found;
}

std::optional<std::string> ConfigValues::effective(const configs::ConfigKey& key,
                                                   const std::vector<ConfigValue>& found) const {
  if (!found.empty() && found.front().name == key.name) return found.front().value;
  for (const configs::Synonym& synonym : configs::broker_synonyms(key.name)) {
    const std::vector<ConfigValue> values = of_broker(synonym.broker_key);
    if (!values.empty() && values.front().source != ConfigSource::by_default) {
      return multiplied(values.front().value, synonym.factor);
    }
  }
  if (key.default_text == nullptr) return std::nullopt;
  return std::string(key.default_text);
}

}  // namespace highwater::server
