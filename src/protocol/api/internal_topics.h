// The topics that the cluster keeps its own state in. Clients see them marked as internal and may not write to them.
// Kafka: org.apache.kafka.common.internals.Topic.
#pragma once

#include <string_view>

namespace highwater::api {

inline constexpr std::string_view group_offsets_topic = "__consumer_offsets";
inline constexpr std::string_view transaction_state_topic = "__transaction_state";
inline constexpr std::string_view share_group_state_topic = "__share_group_state";
inline constexpr std::string_view cluster_metadata_topic = "__cluster_metadata";

constexpr bool is_internal_topic(std::string_view name) {
  return name == group_offsets_topic || name == transaction_state_topic || name == share_group_state_topic;
}

}  // namespace highwater::api
