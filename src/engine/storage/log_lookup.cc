// Looking up records by time: ListOffsets.
#include <algorithm>

#include "engine/storage/log_store.h"
#include "engine/storage/segment_scanner.h"
#include "protocol/records/batch_validation.h"
#include "protocol/records/record_reader.h"
#include "protocol/records/record_scan.h"

namespace highwater::engine {

using Found = LogStore::Found;
using MaybeFound = std::optional<LogStore::Found>;

// The first record of the batch at or after `timestamp` and `from`. With log append time every record has the batch's.
// In slices, however much the batch holds (rule L1); its bytes stay where they are until then.
io::Task<MaybeFound> LogStore::find_in_batch(records::RawBatch raw, std::int64_t timestamp, Offset from) {
  const log::BatchFacts facts = log::facts_of(raw);
  if (!raw.has_header()) co_return Found{facts.max_timestamp, facts.last_offset, facts.leader_epoch};
  const records::BatchView batch = raw.view();
  if (batch.timestamp_type() == records::TimestampType::log_append_time)
    co_return Found{facts.max_timestamp, std::max(from, facts.base_offset), facts.leader_epoch};
  if (!batch.has_known_codec()) co_return std::nullopt;
  records::RecordScan scan(batch, records::ReadLimits{}.output_max, &shared_.shelf);
  for (std::size_t budget = records::validation_slice_bytes;;) {
    switch (scan.next(budget)) {
      case records::ScanStep::record: {
        const Offset offset = facts.base_offset + scan.record().offset_delta;
        if (scan.record().timestamp < timestamp || offset < from) break;
        co_return Found{scan.record().timestamp, offset, facts.leader_epoch};
      }
      case records::ScanStep::paused:
        co_await reactor_.sleep_until(reactor_.now());
        budget = records::validation_slice_bytes;
        break;
      case records::ScanStep::end:
      case records::ScanStep::error:
        co_return std::nullopt;
    }
  }
}

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
        auto found = co_await find_in_batch(*batch, timestamp, from);
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
      auto found = co_await find_in_batch(*batch, largest.timestamp, segment.base);
      co_return found;
    }
  }
  co_return MaybeFound{};
}

}  // namespace highwater::engine
