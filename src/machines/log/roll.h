// When an append must begin a new segment. Rules of LogSegment.shouldRoll and UnifiedLog.maybeRoll (KIP-33): time is
// that of record timestamps, not of the wall clock, once the segment's first batch has one.
#pragma once

#include <cstdint>
#include <optional>

#include "foundation/base/ids.h"
#include "foundation/base/time.h"

namespace highwater::log {

struct RollLimits {
  std::int64_t segment_bytes = 0;  // segment.bytes
  std::int64_t segment_ms = 0;     // segment.ms; with compaction the smaller of it and max.compaction.lag.ms
};

enum class IndexRoom : std::uint8_t { left, full };

struct ActiveSegment {
  Offset base_offset = 0;
  std::int64_t size_bytes = 0;
  std::optional<std::int64_t> first_batch_timestamp;  // max timestamp of its first batch
  WallTime created;
  std::int64_t jitter_ms = 0;  // drawn when the segment was made, below segment.jitter.ms
  IndexRoom offset_index = IndexRoom::left;
  IndexRoom time_index = IndexRoom::left;
};

struct IncomingAppend {
  std::int64_t size_bytes = 0;
  std::int64_t max_timestamp = -1;
  Offset last_offset = 0;
};

enum class RollReason : std::uint8_t { stay, size, time, index_full, offset_overflow };

RollReason decide_roll(const ActiveSegment& segment, const IncomingAppend& append, const RollLimits& limits,
                       WallTime now);

// Base offset of the new segment: where the append begins, but never inside what is already there.
Offset base_of_new_segment(Offset first_offset_of_append, Offset log_end);

}  // namespace highwater::log
