// Looking up records by time: ListOffsets.
#include <algorithm>

#include "engine/storage/log_store.h"
#include "engine/storage/segment_scanner.h"
#include "protocol/records/record_reader.h"

namespace highwater::engine {

using Found = LogStore::Found;
using MaybeFound = std::optional<LogStore::Found>;

namespace {

// The first record of the batch at or after `timestamp` and `from`. With log append time every record has the batch's.
MaybeFound first_at_or_after(const records::RawBatch& raw, const log::BatchFacts& facts, std::int64_t timestamp,
                             Offset from) {
  if (!raw.has_header()) return Found{facts.max_timestamp, facts.last_offset, facts.leader_epoch};
  const records::BatchView batch = raw.view();
  if (batch.timestamp_type() == records::TimestampType::log_append_time)
    return Found{facts.max_timestamp, std::max(from, facts.base_offset), facts.leader_epoch};
  records::RecordReader reader(batch);
  for (;;) {
    const auto record = reader.next();
    if (!record.has_value() || !record->has_value()) return std::nullopt;
    if ((*record)->timestamp >= timestamp && (*record)->offset >= from)
      return Found{(*record)->timestamp, (*record)->offset, facts.leader_epoch};
  }
}

}  // namespace

io::Task<Result<MaybeFound, StoreError>> LogStore::find_by_time(std::int64_t timestamp, Offset upper) {
  const Offset from = start();
  for (Segment* at = segment_after(-1); at != nullptr; at = segment_after(at->base)) {
    Segment& segment = *at;
    const Segment::Pin pin(segment);
    auto loaded = co_await load_indexes(segment);
    if (!loaded.has_value()) co_return std::unexpected(StoreError::fenced);
    if (segment.largest.timestamp < timestamp) continue;
    const Offset near = std::max(segment.times.lookup(timestamp).offset, from);
    SegmentScanner scanner(reactor_, segment.log, segment.offsets.lookup(near).position, segment.written);
    for (;;) {
      auto more = co_await scanner.load();
      if (!more.has_value()) co_return std::unexpected(StoreError::fenced);
      if (!*more) break;
      while (const auto batch = scanner.next()) {
        const log::BatchFacts facts = log::facts_of(*batch);
        if (facts.base_offset >= upper) co_return MaybeFound{};
        if (facts.max_timestamp < timestamp || facts.last_offset < from) continue;
        auto found = first_at_or_after(*batch, facts, timestamp, from);
        if (found.has_value()) co_return found;
      }
    }
  }
  co_return MaybeFound{};
}

io::Task<Result<MaybeFound, StoreError>> LogStore::find_largest_time() {
  TimestampOffset largest{-1, 0};
  for (Segment* at = segment_after(-1); at != nullptr; at = segment_after(at->base)) {
    const Segment::Pin pin(*at);
    auto loaded = co_await load_indexes(*at);
    if (!loaded.has_value()) co_return std::unexpected(StoreError::fenced);
    if (at->largest.timestamp > largest.timestamp) largest = at->largest;
  }
  if (largest.timestamp < 0 || segments_.empty()) co_return MaybeFound{};
  Segment& segment = *segment_at(largest.offset);
  const Segment::Pin pin(segment);
  SegmentScanner scanner(reactor_, segment.log, segment.offsets.lookup(largest.offset).position, segment.written);
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(StoreError::fenced);
    if (!*more) break;
    while (const auto batch = scanner.next()) {
      const log::BatchFacts facts = log::facts_of(*batch);
      if (facts.last_offset < largest.offset) continue;
      co_return first_at_or_after(*batch, facts, largest.timestamp, start());
    }
  }
  co_return MaybeFound{};
}

}  // namespace highwater::engine
