// The rules between keys of a node's configuration (kafka.server.KafkaConfig.validateValues), each with its sentence.
#pragma once

#include "machines/configs/broker_settings.h"
#include "machines/configs/values.h"

namespace highwater::configs {

Result<void> check_rules(const BrokerSettings& settings, const ConfigReader& config);

}  // namespace highwater::configs
