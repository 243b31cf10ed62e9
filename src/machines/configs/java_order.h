// The order in which Java's HashMap yields its keys. Kafka keeps the keys of a request in such maps, and of several
// faults it tells the one that it meets first. Kafka: ConfigurationControlManager, LogConfig.validateNames,
// ClientQuotaControlManager; java.util.HashMap and String.hashCode of JDK 17.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "machines/configs/topic_settings.h"

namespace highwater::configs {

// What `new HashMap()` begins with; `new HashMap(n)` begins with the power of two that is not below n.
inline constexpr std::size_t java_capacity = 16;

// `names` are UTF-8, distinct, and come in the order in which they were put in; names of one bucket stay in it.
std::vector<std::string_view> java_order(std::vector<std::string_view> names,
                                         std::size_t first_capacity = java_capacity);

// The keys of a configuration. In which order they were put in is not known any more.
std::vector<std::string_view> java_order(const ConfigMap& configs);

}  // namespace highwater::configs
