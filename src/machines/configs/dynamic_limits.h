// Inside this room: how far a running broker may go in one step, and what its new values must fit to. Kafka: the
// validateReconfiguration methods of DynamicThreadPool, LogCleaner, DynamicLogConfig, DynamicRemoteLogConfig,
// ConnectionQuotas and DynamicMetricsReporters.
#pragma once

#include "foundation/base/result.h"
#include "machines/configs/broker_settings.h"

namespace highwater::configs {

struct BrokerStep {
  const ConfigMap& before;
  const ConfigMap& after;
};

// `after` has been resolved to `settings`.
Result<void> check_reachable(const BrokerStep& step, const BrokerSettings& settings);

// max.connections.per.ip.overrides: host:count, separated by commas.
Result<void> check_connection_overrides(const ConfigMap& effective);

}  // namespace highwater::configs
