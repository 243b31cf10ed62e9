// The numbers that Kafka's peers speak of. Inside, a partition is (topic id, index); names live at the edges.
#pragma once

#include <compare>
#include <cstdint>

#include "foundation/base/uuid.h"

namespace highwater {

using Offset = std::int64_t;  // position of a record in its partition; -1 is Kafka's "none"
using Epoch = std::int32_t;   // leader epoch or raft epoch; -1 is "none"
using NodeId = std::int32_t;
using BrokerEpoch = std::int64_t;
using ProducerId = std::int64_t;

inline constexpr Offset no_offset = -1;
inline constexpr Epoch no_epoch = -1;
inline constexpr NodeId no_node = -1;
inline constexpr ProducerId no_producer_id = -1;

struct TopicPartition {
  Uuid topic_id;
  std::int32_t index = 0;

  constexpr auto operator<=>(const TopicPartition&) const = default;
};

struct TopicPartitionHash {
  std::size_t operator()(const TopicPartition& partition) const {
    return UuidHash{}(partition.topic_id) + static_cast<std::size_t>(partition.index) * 0x9E3779B97F4A7C15ull;
  }
};

}  // namespace highwater
