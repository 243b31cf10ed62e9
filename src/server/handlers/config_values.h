// Where the value of a configuration key comes from: set on the resource, on this broker, on all brokers, in the file,
// or the default; the first that is set holds. Kafka: ConfigHelper.configSynonyms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machines/configs/broker_settings.h"
#include "machines/configs/config_table.h"
#include "machines/metadata/image.h"

namespace highwater::server {

// Numbers of DescribeConfigsResponse.ConfigSource.
enum class ConfigSource : std::int8_t {
  topic = 1,
  this_broker = 2,
  all_brokers = 3,
  file = 4,
  by_default = 5,
  client_metrics = 7,
  group = 8,
};

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

class ConfigValues {
 public:
  // Both must outlive this.
  ConfigValues(const configs::BrokerSettings& settings, const metadata::MetadataImage& image)
      : settings_(settings), image_(image) {}

  // Strongest first.
  std::vector<ConfigValue> of_broker(std::string_view name) const;
  std::vector<ConfigValue> of_resource(const configs::ConfigKey& key, Levels levels, std::string_view resource) const;
  // The value that holds for a key of a topic, group or subscription; nothing when it has none.
  std::optional<std::string> effective(const configs::ConfigKey& key, const std::vector<ConfigValue>& found) const;

 private:
  const configs::BrokerSettings& settings_;
  const metadata::MetadataImage& image_;
};

}  // namespace highwater::server
