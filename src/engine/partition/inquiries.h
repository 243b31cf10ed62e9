// What administrators and consumers ask the door of the partitions besides records: values only, as in outcomes.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/partition/outcomes.h"
#include "foundation/base/ids.h"

namespace highwater::engine {

// DeleteRecords (KIP-107): the log begins at `before` from now on.
inline constexpr Offset before_high_watermark = -1;

struct DeleteQuery {
  TopicPartition partition;
  Offset before = before_high_watermark;
};

struct DeleteAnswer {
  ErrorCode error = ErrorCode::none;
  Offset log_start = no_offset;  // the smallest start of the log over all live replicas
};

// OffsetForLeaderEpoch (KIP-320).
struct EpochQuery {
  TopicPartition partition;
  Epoch current_leader_epoch = no_epoch;
  Epoch leader_epoch = no_epoch;
};

struct EpochAnswer {
  ErrorCode error = ErrorCode::none;
  Epoch leader_epoch = no_epoch;
  Offset end_offset = no_offset;
};

// DescribeProducers (KIP-664).
struct ProducersQuery {
  TopicPartition partition;
};

struct ActiveProducer {
  ProducerId producer_id = no_producer_id;
  std::int16_t epoch = 0;
  std::int32_t last_sequence = -1;
  std::int64_t last_timestamp = -1;
  std::int32_t coordinator_epoch = -1;
  Offset txn_start_offset = no_offset;
};

struct ProducersAnswer {
  ErrorCode error = ErrorCode::none;
  std::vector<ActiveProducer> producers;  // by id
};

// DescribeLogDirs (KIP-113).
enum class LogRole : std::uint8_t { current, future };

struct LogDescription {
  std::size_t directory = 0;
  std::string topic;
  std::int32_t index = 0;
  std::uint64_t size_bytes = 0;
  Offset lag = 0;  // of a future log behind the current one; of a current log behind its high watermark
  LogRole role = LogRole::current;
};

struct DirectoryDescription {
  ErrorCode error = ErrorCode::none;
  std::string path;
  std::int64_t total_bytes = -1;
  std::int64_t usable_bytes = -1;
  std::vector<LogDescription> logs;  // by topic and index
};

// AlterReplicaLogDirs (KIP-113).
struct MoveQuery {
  TopicPartition partition;
  std::size_t directory = 0;
};

}  // namespace highwater::engine
