// Inside this room: values whose shape no list of alternatives tells.
#pragma once

#include <string_view>
#include <vector>

#include "machines/configs/config_table.h"

namespace highwater::configs {

// Of `allowed` in the key table: `*`, or partition:broker pairs (ThrottledReplicaListValidator).
inline constexpr std::string_view throttled_replicas = "#replicas";
// earliest, latest, or by_duration: and an ISO 8601 duration that is not negative (AutoOffsetResetStrategy).
inline constexpr std::string_view offset_reset = "#offset-reset";

Result<void> check_throttled_replicas(const ConfigKey& key, const std::vector<std::string>& items);
Result<void> check_offset_reset(const ConfigKey& key, std::string_view text);

}  // namespace highwater::configs
