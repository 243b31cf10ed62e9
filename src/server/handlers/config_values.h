// Where the value of a configuration key comes from: set on the resource, on this broker, on all brokers, in the file,
// or the default; the first that is set holds. Kafka: ConfigHelper.configSynonyms, KafkaConfig, LogConfig.fromProps.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/wire/values.h"
#include "machines/configs/broker_settings.h"
#include "machines/configs/config_table.h"
#include "machines/metadata/image.h"
#include "protocol/api/config_source.h"

namespace highwater::server {

using api::ConfigSource;

struct ConfigValue {
  std::string name;
  std::string value;
  ConfigSource source;
};

// A kind of resource that has values of its own, and how Kafka calls that source.
struct Levels {
  metadata::ResourceType type;
  ConfigSource own;
};

// One configuration as an answer shows it.
struct ShownConfig {
  std::string name;
  const configs::ConfigKey* key = nullptr;  // null: nobody knows it; it was set all the same
  std::optional<std::string> value;
  std::vector<ConfigValue> found;  // strongest first
};

// The keys that a request names, which must outlive this; all of them when it names none. A request may name a hundred
// thousand: they are taken in by parts.
class WantedKeys {
 public:
  explicit WantedKeys(const std::optional<std::vector<wire::Text>>& names) : names_(names) {}
  // Takes some of the names in; false when none is left. Until then nothing may be asked.
  bool step();
  bool operator()(std::string_view name) const;

 private:
  const std::optional<std::vector<wire::Text>>& names_;
  absl::flat_hash_set<std::string_view> taken_;
  std::size_t next_ = 0;
};

// For one request: what many resources of it share is worked out once.
class ConfigValues {
 public:
  // Both must outlive this.
  ConfigValues(const configs::BrokerSettings& settings, const metadata::MetadataImage& image);

  // Every key that the tables know and, of a broker, every other one that was set.
  std::vector<ShownConfig> of_this_broker(const WantedKeys& wanted) const;
  // What was set for all brokers while they ran.
  std::vector<ShownConfig> of_all_brokers(const WantedKeys& wanted) const;
  std::vector<ShownConfig> of_resource(Levels levels, std::string_view resource, const WantedKeys& wanted);

 private:
  struct ByName {
    bool operator()(const configs::ConfigKey* a, const configs::ConfigKey* b) const { return a->name < b->name; }
  };
  // A key of a topic or group of which the resource says nothing.
  struct Inherited {
    std::optional<std::string> value;
    std::vector<ConfigValue> found;
  };

  std::vector<ConfigValue> broker_values(std::string_view name) const;
  std::optional<std::string> broker_value(std::string_view name) const;
  Inherited inherit(const configs::ConfigKey& key, Levels levels) const;
  ShownConfig of_resource(const configs::ConfigKey& key, Levels levels, const metadata::ConfigValues& own);

  const configs::BrokerSettings& settings_;
  const metadata::MetadataImage& image_;
  configs::ConfigMap all_brokers_;
  configs::ConfigMap this_broker_;
  configs::ConfigMap effective_;  // of this broker
  std::map<const configs::ConfigKey*, Inherited, ByName> inherited_;
};

}  // namespace highwater::server
