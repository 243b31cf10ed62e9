// Calls that change and describe dynamic configuration (KIP-133, KIP-339), each tried once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cluster.h"
#include "protocol/api/config_source.h"

namespace highwater::client {

// The numbers of Kafka's ConfigResource.Type.
enum class ConfigKind : std::int8_t { topic = 2, broker = 4 };

struct ConfigOwner {
  ConfigKind kind = ConfigKind::topic;
  std::string name;  // of the topic, or the broker's number; empty for the cluster's default of brokers
};

struct ConfigChange {
  std::string key;
  std::optional<std::string> value;  // nothing: the key is deleted
};

struct ConfigValue {
  std::string value;
  api::ConfigSource source = api::ConfigSource::by_default;
};

// What the broker says of the resource; none when all changes were made.
io::Task<ClientResult<api::ErrorCode>> alter_configs(Cluster& cluster, ConfigOwner owner,
                                                     std::vector<ConfigChange> changes);

struct DescribedConfigs {
  api::ErrorCode code = api::ErrorCode::none;
  std::map<std::string, ConfigValue> values;
};
// Empty keys: all of them.
io::Task<ClientResult<DescribedConfigs>> describe_configs(Cluster& cluster, ConfigOwner owner,
                                                          std::vector<std::string> keys);

}  // namespace highwater::client
