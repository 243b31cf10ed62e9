// Looking up records by time: ListOffsets.
#include <algorithm>
#include <memory>
#include <utility>

#include "engine/storage/log_store.h"
#include "engine/storage/segment_scanner.h"
#include "io/on_worker.h"
#include "protocol/records/batch_validation.h"
#include "protocol/records/legacy.h"
#include "protocol/records/record_scan.h"

namespace highwater::engine {

using Found = LogStore::Found;
using MaybeFound = std::optional<LogStore::Found>;

namespace {

// Of an entry of magic 0 or 1, whose wrapper is small: writers of those days made no others. Magic 0 has no timestamps,
// which is not the same as records that say -1.
MaybeFound find_in_legacy(const records::RawBatch& raw, std::int64_t timestamp, Offset from) {
  if (log::facts_of(raw).magic == 0) return std::nullopt;
  records::LegacyReader reader(raw.bytes);
  for (;;) {
    const auto record = reader.next();
    if (!record.has_value() || !record->has_value()) return std::nullopt;
    if ((*record)->timestamp >= timestamp && (*record)->offset >= from)
      return Found{(*record)->timestamp, (*record)->offset, no_epoch};
  }
}

// The first record of a batch at or after `timestamp` and `from`; nothing when there is none, or when the rest cannot
// be read.
class BatchSearch {
 public:
  // The bytes of `batch` lie in `holder`. Without a shelf it may be run on any thread.
  BatchSearch(Slice holder, records::BatchView batch, std::int64_t timestamp, Offset from,
              compress::ContextShelf* shelf)
      : holder_(std::move(holder)),
        batch_(batch),
        timestamp_(timestamp),
        from_(from),
        scan_(batch, records::ReadLimits{}.output_max, shelf) {}

  bool step(std::size_t budget) {
    for (;;) {
      switch (scan_.next(budget)) {
        case records::ScanStep::record: {
          const Offset offset = batch_.base_offset() + scan_.record().offset_delta;
          if (scan_.record().timestamp < timestamp_ || offset < from_) break;
          found_ = Found{scan_.record().timestamp, offset, batch_.leader_epoch()};
          return true;
        }
        case records::ScanStep::paused:
          return false;
        case records::ScanStep::end:
        case records::ScanStep::error:
          return true;
      }
    }
  }
  void run() {
    while (!step(records::validation_slice_bytes)) {
    }
  }
  const MaybeFound& found() const { return found_; }

 private:
  Slice holder_;
  records::BatchView batch_;
  std::int64_t timestamp_;
  Offset from_;
  records::RecordScan scan_;
  MaybeFound found_;
};

}  // namespace

// With log append time every record has the batch's. In slices or by a
// worker, however much the batch holds (rule L1).
io::Task<MaybeFound> LogStore::find_in_batch(records::RawBatch raw, Slice holder, Wanted wanted) {
  const log::BatchFacts facts = log::facts_of(raw);
  if (!raw.is_current()) co_return find_in_legacy(raw, wanted.timestamp, wanted.from);
  if (!raw.has_header()) co_return std::nullopt;
  const records::BatchView batch = raw.view();
  if (batch.timestamp_type() == records::TimestampType::log_append_time)
    co_return Found{facts.max_timestamp, std::max(wanted.from, facts.base_offset), facts.leader_epoch};
  if (!batch.has_known_codec()) co_return std::nullopt;
  if (records::steps_are_large(raw.bytes)) {
    auto search = std::make_shared<BatchSearch>(std::move(holder), batch, wanted.timestamp, wanted.from, nullptr);
    co_await io::on_worker(reactor_, search, &BatchSearch::run);
    co_return search->found();
  }
  BatchSearch search(std::move(holder), batch, wanted.timestamp, wanted.from, &shared_.shelf);
  while (!search.step(records::validation_slice_bytes)) co_await reactor_.sleep_until(reactor_.now());
  co_return search.found();
}

io::Task<Result<MaybeFound, StoreError>> LogStore::find_in(Segment& segment, std::uint64_t position, Wanted wanted) {
  SegmentScanner scanner(reactor_, segment.log, position, segment.written);
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(StoreError::fenced);
    if (!*more) co_return MaybeFound{};
    while (const auto batch = scanner.next()) {
      const log::BatchFacts facts = log::facts_of(*batch);
      if (facts.base_offset >= wanted.upper) co_return MaybeFound{};
      if (facts.max_timestamp < wanted.timestamp || facts.last_offset < wanted.from) continue;
      auto found = co_await find_in_batch(*batch, scanner.window(), wanted);
      if (found.has_value()) co_return found;
    }
  }
}

io::Task<Result<MaybeFound, StoreError>> LogStore::find_by_time(std::int64_t timestamp, Offset upper) {
  const Wanted wanted{timestamp, start(), upper};
  for (Segment* at = segment_after(-1); at != nullptr && at->base < upper; at = segment_after(at->base)) {
    Segment& segment = *at;
    const Segment::Pin pin(segment);
    auto loaded = co_await load_indexes(segment);
    if (!loaded.has_value()) co_return std::unexpected(StoreError::fenced);
    if (segment.largest.timestamp < timestamp) continue;
    const Offset near = std::max(segment.times.lookup(timestamp).offset, wanted.from);
    auto found = co_await find_in(segment, segment.offsets.lookup(near).position, wanted);
    if (!found.has_value() || found->has_value()) co_return found;
  }
  co_return MaybeFound{};
}

io::Task<Result<MaybeFound, StoreError>> LogStore::find_largest_time() {
  std::optional<TimestampOffset> largest;
  for (Segment* at = segment_after(-1); at != nullptr; at = segment_after(at->base)) {
    const Segment::Pin pin(*at);
    auto loaded = co_await load_indexes(*at);
    if (!loaded.has_value()) co_return std::unexpected(StoreError::fenced);
    if (!largest.has_value() || at->largest.timestamp > largest->timestamp) largest = at->largest;
  }
  // Of records without a timestamp the first one counts, with -1, as with Kafka (UnifiedLog.fetchOffsetByTimestamp).
  if (!largest.has_value() || segments_.empty()) co_return MaybeFound{};
  Segment& segment = *segment_at(largest->offset);
  const Segment::Pin pin(segment);
  const Wanted wanted{largest->timestamp, segment.base, end()};
  auto found = co_await find_in(segment, segment.offsets.lookup(largest->offset).position, wanted);
  co_return found;
}

}  // namespace highwater::engine
