// What goes into the door of the partitions and what comes out. Values only; nothing here belongs to a core.
// Offsets and epochs of -1 are Kafka's "none"; timestamps are milliseconds since 1970.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/file_part.h"
#include "foundation/base/ids.h"
#include "foundation/base/slice.h"
#include "foundation/base/time.h"
#include "protocol/api/error_code.h"

namespace highwater::engine {

using api::ErrorCode;

enum class Acks : std::int8_t { none = 0, leader = 1, all = -1 };

struct AppendPart {
  TopicPartition partition;
  Slice records;  // part of the request frame; the door owns these bytes from the call on and may patch them
};

struct RecordError {
  std::int32_t batch_index = 0;
  std::string message;
};

struct AppendOutcome {
  ErrorCode error = ErrorCode::none;
  Offset base_offset = no_offset;
  std::int64_t log_append_time_ms = -1;
  Offset log_start_offset = no_offset;
  std::string message;
  std::vector<RecordError> record_errors;
};

struct AppendOptions {
  Acks acks = Acks::all;
  Instant deadline = Instant::never();
  bool zstd_allowed = true;  // Produce v7 and above
};

struct ReadPart {
  TopicPartition partition;
  Offset offset = 0;
  Epoch current_leader_epoch = no_epoch;
  Epoch last_fetched_epoch = no_epoch;
  Offset log_start_offset = no_offset;  // the follower's; consumers send -1
  std::size_t max_bytes = 0;
};

enum class Isolation : std::uint8_t { read_uncommitted, read_committed };

struct ReadOptions {
  Isolation isolation = Isolation::read_uncommitted;
  std::size_t min_bytes = 1;
  std::size_t max_bytes = INT32_MAX;
  Instant deadline;          // long poll until then; a past one answers at once
  NodeId replica = no_node;  // -1: a consumer
  // Records may come as a part of a file, for those who only send them on.
  bool may_stay_in_file = false;
};

struct AbortedTransaction {
  ProducerId producer_id = no_producer_id;
  Offset first_offset = no_offset;
};

// Where the epoch that the reader asked for ends here (KIP-595); the reader must truncate.
struct DivergingEpoch {
  Epoch epoch = no_epoch;
  Offset end_offset = no_offset;
};

struct ReadOutcome {
  ErrorCode error = ErrorCode::none;
  Offset high_watermark = no_offset;
  Offset last_stable_offset = no_offset;
  Offset log_start_offset = no_offset;
  std::optional<DivergingEpoch> diverging;
  std::vector<AbortedTransaction> aborted;  // read_committed only
  std::vector<Slice> records;               // whole from the first batch on, may end inside a batch
  FilePart file;                            // the same as a part of a file, instead of `records`
  // What counts for min_bytes: also bytes that are there and did not fit the limits (DelayedFetch.tryComplete).
  std::size_t readable = 0;

  // What ends a wait, however few bytes there are.
  bool must_tell() const { return error != ErrorCode::none || diverging.has_value(); }
  std::size_t size() const {
    std::size_t sum = file.length;
    for (const Slice& slice : records) sum += slice.size();
    return sum;
  }
};

// Special timestamps of ListOffsets.
inline constexpr std::int64_t latest_timestamp = -1;
inline constexpr std::int64_t earliest_timestamp = -2;
inline constexpr std::int64_t max_timestamp = -3;
inline constexpr std::int64_t earliest_local_timestamp = -4;
inline constexpr std::int64_t latest_tiered_timestamp = -5;
inline constexpr std::int64_t earliest_pending_upload_timestamp = -6;

struct OffsetQuery {
  TopicPartition partition;
  Epoch current_leader_epoch = no_epoch;
  std::int64_t timestamp = latest_timestamp;
};

struct OffsetAnswer {
  ErrorCode error = ErrorCode::none;
  std::int64_t timestamp = -1;
  Offset offset = no_offset;
  Epoch leader_epoch = no_epoch;
};

}  // namespace highwater::engine
