// What a whole configuration of a group or of a client metrics subscription must fulfil. Kafka: GroupConfig.validate,
// ClientMetricsConfigs.validate.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/base/result.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {

struct ConfigProblem {
  enum class Kind : std::uint8_t { config, request };  // INVALID_CONFIG or INVALID_REQUEST

  Kind kind = Kind::config;
  std::string text;
};

// `broker` is what holds for the broker: its defaults and bounds for groups.
Result<void, ConfigProblem> validate_group_configs(const ConfigMap& broker, const ConfigMap& configs);
Result<void, ConfigProblem> validate_client_metrics(const ConfigMap& configs);

}  // namespace highwater::configs
