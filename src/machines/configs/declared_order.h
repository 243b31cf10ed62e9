// The order in which Kafka looks at values: that in which its ConfigDef declares their keys. Of several bad values the
// first one is told. Kafka: ConfigDef.parse with the definitions of LogConfig, DynamicConfig.Broker, GroupConfig and
// ClientMetricsConfigs.
#pragma once

#include <vector>

#include "machines/configs/config_table.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {

// Keys that Kafka does not declare come last, by name. Of a broker only those that may change while it runs have a
// place.
std::vector<ConfigMap::const_iterator> in_declared_order(Scope scope, const ConfigMap& configs);

}  // namespace highwater::configs
