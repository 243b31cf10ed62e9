// Where the value of a configuration comes from, as answers tell it. Numbers of DescribeConfigsResponse.ConfigSource.
#pragma once

#include <cstdint>

namespace highwater::api {

enum class ConfigSource : std::int8_t {
  topic = 1,
  this_broker = 2,
  all_brokers = 3,
  file = 4,
  by_default = 5,
  logger = 6,
  client_metrics = 7,
  group = 8,
};

}  // namespace highwater::api
