#include "machines/log/roll.h"

#include <algorithm>

#include "machines/log/limits.h"

namespace highwater::log {

RollReason decide_roll(const ActiveSegment& segment, const IncomingAppend& append, const RollLimits& limits,
                       WallTime now) {
  if (segment.size_bytes > limits.segment_bytes - append.size_bytes) return RollReason::size;
  // Kafka: a first batch without a timestamp leaves only the age of the segment.
  const bool timed = segment.first_batch_timestamp && *segment.first_batch_timestamp >= 0;
  const std::int64_t waited =
      timed ? append.max_timestamp - *segment.first_batch_timestamp : now.ms - segment.created.ms;
  if (segment.size_bytes > 0 && waited > limits.segment_ms - segment.jitter_ms) return RollReason::time;
  if (segment.offset_index == IndexRoom::full || segment.time_index == IndexRoom::full) return RollReason::index_full;
  const Offset relative = append.last_offset - segment.base_offset;
  if (relative < 0 || relative > relative_offset_max) return RollReason::offset_overflow;
  return RollReason::stay;
}

Offset base_of_new_segment(Offset first_offset_of_append, Offset log_end) {
  return std::max(first_offset_of_append, log_end);
}

}  // namespace highwater::log
