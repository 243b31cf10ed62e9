// Reading: from the tail when it reaches back far enough, else from the one segment that holds the offset.
#include <algorithm>
#include <utility>

#include "engine/storage/file_names.h"
#include "engine/storage/log_store.h"
#include "engine/storage/segment_scanner.h"
#include "foundation/base/check.h"
#include "machines/log/limits.h"
#include "protocol/records/record_reader.h"

namespace highwater::engine {

using io::IoError;
using io::IoStatus;

Segment* LogStore::segment_at(Offset offset) const {
  const auto after = std::ranges::upper_bound(segments_, offset, {}, [](const auto& segment) { return segment->base; });
  return after == segments_.begin() ? segments_.front().get() : (after - 1)->get();
}

std::size_t LogStore::number_after(Offset base) const {
  const auto after = std::ranges::upper_bound(segments_, base, {}, [](const auto& segment) { return segment->base; });
  return static_cast<std::size_t>(after - segments_.begin());
}

Segment* LogStore::segment_after(Offset base) const {
  const auto after = std::ranges::upper_bound(segments_, base, {}, [](const auto& segment) { return segment->base; });
  return after == segments_.end() ? nullptr : after->get();
}

std::optional<LogRead> LogStore::try_read(const ReadLimits& limits) {
  if (limits.from >= limits.upper) {
    LogRead nothing;
    nothing.next_offset = limits.from;
    return nothing;
  }
  auto found = tail_.read(limits);
  if (found.has_value()) ++counters_.reads_from_tail;
  return found;
}

io::Task<Result<LogRead, StoreError>> LogStore::read(ReadLimits limits) {
  if (state_ == State::closed) co_return std::unexpected(StoreError::closed);
  if (limits.from < start() || limits.from > end()) co_return std::unexpected(StoreError::out_of_range);
  if (state_ == State::fenced) limits.upper = std::min(limits.upper, durable_end_);
  auto at_once = try_read(limits);
  if (at_once.has_value()) co_return std::move(*at_once);
  ++counters_.reads_from_files;
  Offset look_from = limits.from;
  for (;;) {
    Segment* segment = segment_at(look_from);
    segment->readers += 1;
    auto found = co_await read_segment(*segment, limits);
    segment->readers -= 1;
    if (!found.has_value()) {
      // The segment may have gone while it was looked at.
      if (limits.from < start()) co_return std::unexpected(StoreError::out_of_range);
      // Too many open files, for example, says nothing about this log.
      if (found.error() != IoError::media) co_return std::unexpected(StoreError::unreadable);
      fence(fmt::format("reading {} failed: {}", segment->log.path(), io::io_error_text(found.error())));
      co_return std::unexpected(StoreError::fenced);
    }
    if (state_ == State::closed) co_return std::unexpected(StoreError::closed);
    if (found->next_offset != no_offset) co_return std::move(*found);
    // Compaction may have left the end of a segment empty: what follows is in the next one.
    found->next_offset = limits.from;
    const Segment* next = segment_after(segment->base);
    if (next == nullptr || next->base >= limits.upper) co_return std::move(*found);
    look_from = next->base;
  }
}

namespace {

io::Task<bool> read_index_file(OpenFiles& files, std::string path, std::size_t limit, Slice& content) {
  auto bytes = co_await files.read_file(std::move(path), limit);
  if (!bytes.has_value()) co_return false;
  content = std::move(*bytes);
  co_return true;
}

}  // namespace

io::Task<IoStatus> LogStore::load_indexes(Segment& segment) {
  if (segment.indexes_loaded()) co_return IoStatus{};
  OpenFiles& files = shared_.files;
  const std::size_t limit =
      std::max<std::size_t>(static_cast<std::size_t>(settings_.segment_index_bytes), 64u << 20) * 2;
  Slice offsets;
  Slice times;
  const bool have_offsets = co_await read_index_file(files, segment.path(suffix::index), limit, offsets);
  const bool have_times = co_await read_index_file(files, segment.path(suffix::time_index), limit, times);
  if (segment.indexes_loaded()) co_return IoStatus{};  // somebody else was quicker
  const bool good = have_offsets && have_times && segment.offsets.decode(offsets.view(), segment.written) &&
                    segment.times.decode(times.view());
  if (!good) {
    auto renewed = co_await renew_indexes(segment);
    if (!renewed.has_value()) co_return renewed;
  }
  if (good && offsets.size() == segment.offsets.size() * OffsetIndex::entry_size &&
      times.size() == segment.times.size() * TimeIndex::entry_size)
    segment.indexes_are_saved();
  segment.largest = segment.times.last();
  segment.indexes_are_loaded(segment.sealed ? Segment::Eviction::allowed : Segment::Eviction::never);
  co_return IoStatus{};
}

io::Task<IoStatus> LogStore::renew_indexes(Segment& segment) {
  auto rebuilt = co_await rebuild_indexes(segment);
  if (!rebuilt.has_value() || !segment.sealed) co_return rebuilt;
  // Also on the disk, for the next start and for other tools; loaded for good until that is done.
  segment.indexes_are_loaded(Segment::Eviction::never);
  auto saved = co_await write_indexes(segment);
  if (!saved.has_value())
    logger_.warn("Writing the indexes of {} failed: {}", segment.log.path(), io::io_error_text(saved.error()));
  co_return IoStatus{};
}

io::Task<IoStatus> LogStore::rebuild_indexes(Segment& segment) {
  logger_.warn("The indexes of {} are missing or damaged; making them anew", segment.log.path());
  Segment::Deps deps{shared_.files, shared_.indexes};
  Segment fresh(deps, directory_, segment.base, segment.created);
  const Segment* next = segment_after(segment.base);
  const Offset limit = next != nullptr ? next->base : segment.base + log::relative_offset_max + 1;
  Offset end = segment.base;
  SegmentScanner scanner(reactor_, fresh.log, 0, segment.written);
  for (bool sound = true; sound;) {
    auto loaded = co_await scanner.load();
    if (!loaded.has_value()) co_return std::unexpected(loaded.error());
    if (!*loaded) break;
    while (const auto batch = scanner.next()) {
      const log::BatchFacts facts = log::facts_of(*batch);
      // Of a damaged segment: entries for what cannot be its batches would hide those that are.
      sound = sound && facts.last_offset >= end && facts.last_offset < limit;
      if (!sound) break;
      end = facts.last_offset + 1;
      fresh.note(facts, segment_rules());
    }
  }
  fresh.finish_times();
  segment.offsets = std::move(fresh.offsets);
  segment.times = std::move(fresh.times);
  co_return IoStatus{};
}

io::Task<io::IoResult<Slice>> LogStore::read_bytes(Segment& segment, std::uint64_t position, std::size_t length) {
  auto file = co_await segment.log.use();
  if (!file.has_value()) co_return std::unexpected(file.error());
  auto cached = (*file)->try_read(position, length);
  if (cached.has_value() && cached->has_value()) co_return std::move(**cached);
  auto bytes = co_await (*file)->read(position, length);
  co_return bytes;
}

namespace {

// What of `window`, whose first byte is a batch's, answers the read.
struct Cut {
  std::size_t start = 0;  // of the first batch that counts
  std::size_t end = 0;
  Offset next_offset = no_offset;
  std::size_t first_size = 0;  // declared size of the first batch that counts, whole here or not; 0: none was seen
  std::size_t rest = 0;        // where the first batch that is not whole here begins
  bool reached_upper = false;
};

Cut cut_window(ByteView window, const ReadLimits& limits) {
  Cut cut;
  records::BatchScanner scanner(window);
  while (const auto batch = scanner.next()) {
    const log::BatchFacts facts = log::facts_of(*batch);
    cut.rest = scanner.position();
    if (facts.last_offset < limits.from) continue;
    if (facts.base_offset >= limits.upper) {
      cut.reached_upper = true;
      return cut;
    }
    const std::size_t size = batch->bytes.size();
    if (cut.first_size == 0) {
      cut.start = cut.end = batch->position;
      cut.first_size = size;
    }
    const bool first = cut.end == cut.start;
    const bool fits = cut.end - cut.start + size <= limits.max_bytes;
    if (!fits && !(first && limits.first == ReadLimits::FirstBatch::whole)) return cut;
    cut.end = batch->position + size;
    cut.next_offset = facts.last_offset + 1;
  }
  return cut;
}

}  // namespace

namespace {

// Whether a batch of the segment can begin with these bytes. Old formats name their last offset, not the first.
bool looks_like_batch(ByteView bytes, std::uint64_t room, Offset base, Offset end) {
  const records::BatchView batch(bytes);
  const bool known = batch.magic() >= 0 && batch.magic() <= records::current_magic;
  const bool fits = batch.declared_length() > 0 && static_cast<std::uint64_t>(batch.declared_length()) < room;
  return known && fits && batch.base_offset() >= base && batch.base_offset() < end;
}

}  // namespace

// Where to look for `from`. An index carries no checksum, and one that points anywhere else than to a batch at or below
// what was asked for would hide records that are there: it is made anew. (Kafka believes it.)
io::Task<io::IoResult<LogStore::BatchPlace>> LogStore::look_up(Segment& segment, Offset from) {
  BatchPlace place{segment.offsets.lookup(from).position, {}};
  if (place.position + records::batch_header_size > segment.written) co_return place;
  auto bytes = co_await read_bytes(segment, place.position, records::batch_header_size);
  if (!bytes.has_value()) co_return std::unexpected(bytes.error());
  if (bytes->size() < records::batch_header_size) co_return place;
  place.header = std::move(*bytes);
  if (place.position == 0 || !segment.sealed) co_return place;
  const Segment* next = segment_after(segment.base);
  const Offset end = next != nullptr ? next->base : written_end_;
  const records::BatchView batch(place.header.view());
  const bool above = batch.magic() == records::current_magic && batch.base_offset() > from;
  const std::uint64_t room = segment.written - place.position;
  if (!above && looks_like_batch(place.header.view(), room, segment.base, end)) co_return place;
  auto renewed = co_await renew_indexes(segment);
  if (!renewed.has_value()) co_return std::unexpected(renewed.error());
  co_return BatchPlace{segment.offsets.lookup(from).position, {}};
}

// The index knows the batch below `from`. When that one is large, its header says how far it goes, and the window is
// not spent on bytes that nobody asked for.
io::Task<io::IoResult<std::uint64_t>> LogStore::skip_large_batches(Segment& segment, BatchPlace place, Offset from) {
  while (place.position + records::batch_header_size <= segment.written) {
    if (place.header.empty()) {
      auto bytes = co_await read_bytes(segment, place.position, records::batch_header_size);
      if (!bytes.has_value()) co_return std::unexpected(bytes.error());
      if (bytes->size() < records::batch_header_size) break;
      place.header = std::move(*bytes);
    }
    const records::BatchView batch(place.header.view());
    if (batch.magic() != 2 || batch.last_offset() >= from) break;
    const std::int64_t size = std::int64_t{batch.declared_length()} + static_cast<std::int64_t>(records::log_overhead);
    const bool large = size > settings_.index_interval_bytes;
    if (!large || static_cast<std::uint64_t>(size) > segment.written - place.position) break;
    place = {place.position + static_cast<std::uint64_t>(size), {}};
  }
  co_return place.position;
}

// What is no batch would be looked at again and again. The log says once where.
std::unexpected<IoError> LogStore::damaged(Segment& segment, Offset from) {
  if (!std::exchange(segment.told_damaged, true)) {
    logger_.error("{} is damaged: what it held from offset {} on cannot be read", segment.log.path(), from);
  }
  return std::unexpected(IoError::other);
}

// Only the last segment may end in a batch that is not whole. In any other one bytes are missing, and a reader that got
// nothing would ask for ever.
io::IoResult<LogRead> LogStore::ends_too_early(Segment& segment, LogRead nothing) {
  if (segment_after(segment.base) == nullptr) return nothing;
  return damaged(segment, nothing.next_offset);
}

// A next offset of no_offset says that this segment has no batch at or above `from`. A batch that is there and does not
// fit the limits is another matter: the read ends before it, and must not go on behind it.
io::Task<io::IoResult<LogRead>> LogStore::read_segment(Segment& segment, ReadLimits limits) {
  LogRead result;
  result.next_offset = limits.from;
  auto loaded = co_await load_indexes(segment);
  if (!loaded.has_value()) co_return std::unexpected(loaded.error());
  auto indexed = co_await look_up(segment, limits.from);
  if (!indexed.has_value()) co_return std::unexpected(indexed.error());
  auto begin = co_await skip_large_batches(segment, *indexed, limits.from);
  if (!begin.has_value()) co_return std::unexpected(begin.error());
  std::uint64_t position = *begin;
  if (limits.may_stay_in_file) {
    auto pointed = co_await point_into_file(segment, position, limits);
    if (!pointed.has_value() || pointed->bytes > 0) co_return pointed;
  }
  std::size_t slack = 2 * static_cast<std::size_t>(settings_.index_interval_bytes) + records::batch_header_size;
  while (position < segment.written) {
    const std::uint64_t left = segment.written - position;
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left, limits.max_bytes + slack));
    auto bytes = co_await read_bytes(segment, position, length);
    if (!bytes.has_value()) co_return std::unexpected(bytes.error());
    const Cut cut = cut_window(bytes->view(), limits);
    if (cut.end > cut.start) {
      result.bytes = cut.end - cut.start;
      result.slices.push_back(bytes->part(cut.start, result.bytes));
      result.next_offset = cut.next_offset;
      co_return result;
    }
    const Segment* next = segment_after(segment.base);
    // Offsets beyond those of this segment: its base offsets are no part of what a checksum covers.
    if (cut.reached_upper && next != nullptr && next->base < limits.upper) co_return damaged(segment, limits.from);
    if (cut.reached_upper || cut.first_size != 0) co_return result;  // nothing fits within the limits
    // Only batches below `from` were whole here. The next one may be larger than the window.
    const std::size_t remaining = bytes->size() - cut.rest;
    if (bytes->size() < length) co_return result;
    if (length == left && remaining == 0) break;
    if (length == left && remaining < records::log_overhead) co_return ends_too_early(segment, std::move(result));
    position += cut.rest;
    if (remaining >= records::log_overhead) {
      const auto declared = records::load_be<std::int32_t>(bytes->data() + cut.rest + records::header::length);
      if (declared < 0) co_return ends_too_early(segment, std::move(result));
      const std::size_t whole = static_cast<std::size_t>(declared) + records::log_overhead;
      if (whole > segment.written - position) co_return ends_too_early(segment, std::move(result));
      if (whole <= remaining) co_return damaged(segment, limits.from);  // it was here, and is none
      slack = std::max(slack, whole);
    }
  }
  result.next_offset = no_offset;
  co_return result;
}

std::vector<AbortedTxn> LogStore::aborted_between(Offset from, Offset upper) const {
  std::vector<AbortedTxn> found;
  if (from >= upper) return found;
  auto at = std::ranges::upper_bound(segments_, from, {}, [](const auto& segment) { return segment->base; });
  if (at != segments_.begin()) --at;
  for (; at != segments_.end(); ++at)
    if ((*at)->aborted.collect(from, upper, found) == TxnIndex::Search::complete) break;
  return found;
}

}  // namespace highwater::engine
