// Configurations of brokers that were set while they ran, for one broker or for all of them, above the file (KIP-226).
// Kafka: DynamicBrokerConfig, in core and in server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.h"
#include "machines/configs/config_table.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {

enum class BrokerLevel : std::uint8_t { one_broker, all_brokers };

// Where the values of a broker come from, weakest first. All three outlive this.
struct BrokerLayers {
  const ConfigMap& file;
  const ConfigMap& all_brokers;
  const ConfigMap& this_broker;
};

// Keys that say one thing in several units, strongest first; a key without such company alone.
std::vector<std::string_view> broker_key_family(std::string_view name);

// Of what is stored that which may act: known keys that may not change while a broker runs, values that cannot be read
// and keys of another level are left out.
ConfigMap usable_dynamic_configs(const ConfigMap& stored, BrokerLevel level);

// What holds for this broker. A key that was set while it ran covers its whole family in the layers below.
ConfigMap effective_broker_configs(const BrokerLayers& layers);

// May `proposed` take the place of the layer of `level`? The failure is the sentence of the INVALID_REQUEST answer.
Result<void> check_broker_change(const BrokerLayers& layers, BrokerLevel level, const ConfigMap& proposed);

// False for a key that is accepted and stored and changes nothing here until a later version. Knobs of thread pools and
// of a JVM ask for nothing.
bool acts_while_running(const ConfigKey& key);

}  // namespace highwater::configs
