#include "server/handlers/config_values.h"

#include <algorithm>

#include "machines/configs/dynamic_broker.h"
#include "machines/configs/values.h"

namespace highwater::server {
namespace {

using configs::ConfigKey;
using configs::ConfigMap;
using configs::Scope;
using metadata::ResourceType;

constexpr std::size_t wanted_keys_per_step = 4096;

// The names that stand for one thing: a family of units, or a listener's own key and the one for all listeners.
std::vector<std::string_view> names_of(std::string_view name) {
  const ConfigKey* key = configs::find_config(Scope::broker, name);
  if (key != nullptr && key->name != name) return {name, key->name};
  return configs::broker_key_family(name);
}

void collect(const ConfigMap& map, const std::vector<std::string_view>& names, ConfigSource source,
             std::vector<ConfigValue>& found) {
  for (const std::string_view name : names)
    if (const auto at = map.find(name); at != map.end()) found.push_back({std::string(name), at->second, source});
}

// Any negative age means "for ever", in whatever unit it was said.
std::string multiplied(const std::string& text, std::int64_t factor) {
  const auto value = configs::parse_integer(text);
  if (factor == 1 || !value) return text;
  return std::to_string(*value < 0 ? -1 : *value * factor);
}

Scope scope_of(ResourceType type) {
  switch (type) {
    case ResourceType::topic:
      return Scope::topic;
    case ResourceType::group:
      return Scope::group;
    case ResourceType::client_metrics:
      return Scope::client_metrics;
    case ResourceType::broker:
    case ResourceType::broker_logger:
      return Scope::broker;
  }
  return Scope::broker;
}

}  // namespace

bool WantedKeys::step() {
  if (!names_) return false;
  const std::size_t end = std::min(names_->size(), next_ + wanted_keys_per_step);
  for (; next_ < end; ++next_) taken_.insert((*names_)[next_].view());
  return next_ < names_->size();
}

bool WantedKeys::operator()(std::string_view name) const { return !names_ || names_->empty() || taken_.contains(name); }

ConfigValues::ConfigValues(const configs::BrokerSettings& settings, const metadata::MetadataImage& image)
    : settings_(settings),
      image_(image),
      all_brokers_(
          configs::usable_dynamic_configs(image.configs(ResourceType::broker, ""), configs::BrokerLevel::all_brokers)),
      this_broker_(configs::usable_dynamic_configs(
          image.configs(ResourceType::broker, std::to_string(settings.node_id)), configs::BrokerLevel::one_broker)),
      effective_(configs::effective_broker_configs({settings.text, all_brokers_, this_broker_})) {}

std::vector<ConfigValue> ConfigValues::broker_values(std::string_view name) const {
  const std::vector<std::string_view> names = names_of(name);
  std::vector<ConfigValue> found;
  collect(this_broker_, names, ConfigSource::this_broker, found);
  collect(all_brokers_, names, ConfigSource::all_brokers, found);
  collect(settings_.text, names, ConfigSource::file, found);
  for (const std::string_view one : names) {
    const ConfigKey* key = configs::find_config(Scope::broker, one);
    if (key != nullptr && key->name == one && key->default_text != nullptr)
      found.push_back({std::string(one), key->default_text, ConfigSource::by_default});
  }
  // Kafka drops what stands before the first value of the name itself.
  auto first = found.begin();
  while (first != found.end() && first->name != name) ++first;
  found.erase(found.begin(), first);
  return found;
}

std::optional<std::string> ConfigValues::broker_value(std::string_view name) const {
  const ConfigKey* key = configs::find_config(Scope::broker, name);
  const auto set = effective_.find(name);
  if (set != effective_.end())
    return key != nullptr && key->name == name ? configs::canonical_text(*key, set->second) : set->second;
  if (key == nullptr || key->default_text == nullptr) return std::nullopt;
  return std::string(key->default_text);
}

std::vector<ShownConfig> ConfigValues::of_this_broker(const WantedKeys& wanted) const {
  std::vector<ShownConfig> all;
  for (const ConfigKey& key : configs::config_keys(Scope::broker))
    if (key.visibility != configs::Visibility::internal && wanted(key.name))
      all.push_back({std::string(key.name), &key, broker_value(key.name), broker_values(key.name)});
  for (const auto& [name, value] : effective_) {
    const ConfigKey* key = configs::find_config(Scope::broker, name);
    const bool shown = key != nullptr && key->name == name && key->visibility != configs::Visibility::internal;
    if (!shown && wanted(name)) all.push_back({name, key, value, broker_values(name)});
  }
  return all;
}

std::vector<ShownConfig> ConfigValues::of_all_brokers(const WantedKeys& wanted) const {
  std::vector<ShownConfig> all;
  for (const auto& [name, value] : all_brokers_) {
    if (!wanted(name)) continue;
    ShownConfig shown{name, configs::find_config(Scope::broker, name), value, broker_values(name)};
    std::erase_if(shown.found, [](const ConfigValue& one) { return one.source != ConfigSource::all_brokers; });
    all.push_back(std::move(shown));
  }
  return all;
}

ConfigValues::Inherited ConfigValues::inherit(const ConfigKey& key, Levels levels) const {
  Inherited inherited;
  const auto synonyms = configs::broker_synonyms(key.name);
  if (key.default_text != nullptr) inherited.value = key.default_text;
  for (const configs::Synonym& synonym : synonyms) {
    const auto set = effective_.find(synonym.broker_key);
    if (set == effective_.end()) continue;
    inherited.value = configs::canonical_text(key, multiplied(set->second, synonym.factor));
    break;
  }
  if (!synonyms.empty()) {
    inherited.found = broker_values(synonyms.front().broker_key);
  } else if (levels.type == ResourceType::group && key.default_text != nullptr) {
    inherited.found.push_back({std::string(key.name), key.default_text, ConfigSource::by_default});
  }
  return inherited;
}

ShownConfig ConfigValues::of_resource(const ConfigKey& key, Levels levels, const metadata::ConfigValues& own) {
  const auto known = inherited_.find(&key);
  const Inherited& above =
      known != inherited_.end() ? known->second : inherited_.emplace(&key, inherit(key, levels)).first->second;
  ShownConfig shown{std::string(key.name), &key, above.value, above.found};
  const auto set = own.find(key.name);
  if (set == own.end()) return shown;
  shown.value = configs::canonical_text(key, set->second);
  shown.found.insert(shown.found.begin(), {shown.name, *shown.value, levels.own});
  return shown;
}

std::vector<ShownConfig> ConfigValues::of_resource(Levels levels, std::string_view resource, const WantedKeys& wanted) {
  const metadata::ConfigValues& own = image_.configs(levels.type, resource);
  std::vector<ShownConfig> all;
  for (const ConfigKey& key : configs::config_keys(scope_of(levels.type))) {
    const bool shown = key.visibility != configs::Visibility::internal || own.contains(key.name);
    if (shown && wanted(key.name)) all.push_back(of_resource(key, levels, own));
  }
  return all;
}

}  // namespace highwater::server
