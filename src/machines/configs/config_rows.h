// The rows of the key table by subject, each sorted by name. Only config_table.cc puts them together.
#pragma once

#include <span>

#include "machines/configs/config_table.h"

namespace highwater::configs {

std::span<const ConfigKey> network_keys();
std::span<const ConfigKey> log_keys();
std::span<const ConfigKey> quorum_keys();
std::span<const ConfigKey> security_keys();
std::span<const ConfigKey> group_keys();
std::span<const ConfigKey> tiering_keys();
std::span<const ConfigKey> own_keys();
std::span<const ConfigKey> rate_keys();
std::span<const ConfigKey> topic_keys();
std::span<const ConfigKey> group_resource_keys();
std::span<const ConfigKey> client_metrics_keys();

}  // namespace highwater::configs
