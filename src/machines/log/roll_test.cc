#include "machines/log/roll.h"

#include <doctest/doctest.h>

namespace highwater::log {
namespace {

constexpr RollLimits limits{.segment_bytes = 1000, .segment_ms = 500};
constexpr WallTime now{100'000};

ActiveSegment segment() {
  return {.base_offset = 50, .size_bytes = 400, .first_batch_timestamp = 10'000, .created = {99'900}};
}

IncomingAppend append() { return {.size_bytes = 100, .max_timestamp = 10'100, .last_offset = 80}; }

TEST_CASE("an append that fits stays") { CHECK(decide_roll(segment(), append(), limits, now) == RollReason::stay); }

TEST_CASE("a segment is filled exactly to its size and not beyond") {
  ActiveSegment active = segment();
  active.size_bytes = 900;
  CHECK(decide_roll(active, append(), limits, now) == RollReason::stay);
  active.size_bytes = 901;
  CHECK(decide_roll(active, append(), limits, now) == RollReason::size);
}

TEST_CASE("time is that of the records: first batch against this one, not the wall clock") {
  IncomingAppend late = append();
  late.max_timestamp = 10'500;
  CHECK(decide_roll(segment(), late, limits, WallTime{INT64_MAX}) == RollReason::stay);
  late.max_timestamp = 10'501;
  CHECK(decide_roll(segment(), late, limits, WallTime{0}) == RollReason::time);
}

TEST_CASE("without a timestamp in the first batch the age of the segment counts") {
  ActiveSegment active = segment();
  active.first_batch_timestamp.reset();
  CHECK(decide_roll(active, append(), limits, WallTime{100'400}) == RollReason::stay);
  CHECK(decide_roll(active, append(), limits, WallTime{100'401}) == RollReason::time);
  active.first_batch_timestamp = -1;
  CHECK(decide_roll(active, append(), limits, WallTime{100'401}) == RollReason::time);
}

TEST_CASE("jitter makes a segment roll earlier") {
  ActiveSegment active = segment();
  active.jitter_ms = 401;
  CHECK(decide_roll(active, append(), limits, now) == RollReason::time);
}

TEST_CASE("an empty segment does not roll by time") {
  ActiveSegment active = segment();
  active.size_bytes = 0;
  active.first_batch_timestamp.reset();
  CHECK(decide_roll(active, append(), limits, WallTime{INT64_MAX / 2}) == RollReason::stay);
}

TEST_CASE("a full index of either kind rolls") {
  ActiveSegment active = segment();
  active.offset_index = IndexRoom::full;
  CHECK(decide_roll(active, append(), limits, now) == RollReason::index_full);
  active = segment();
  active.time_index = IndexRoom::full;
  CHECK(decide_roll(active, append(), limits, now) == RollReason::index_full);
}

TEST_CASE("offsets that do not fit four bytes from the base roll") {
  IncomingAppend far = append();
  far.last_offset = 50 + INT64_C(2147483647);
  CHECK(decide_roll(segment(), far, limits, now) == RollReason::stay);
  far.last_offset += 1;
  CHECK(decide_roll(segment(), far, limits, now) == RollReason::offset_overflow);
}

TEST_CASE("the new segment begins with the append, and never before the log end") {
  CHECK(base_of_new_segment(120, 100) == 120);
  CHECK(base_of_new_segment(90, 100) == 100);
}

}  // namespace
}  // namespace highwater::log
