#include "engine/storage/log_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/storage/file_names.h"
#include "engine/storage/producer_rebuild.h"
#include "engine/storage/segment_scanner.h"

namespace highwater::engine {

using io::IoError;

namespace {

constexpr std::size_t epoch_file_bytes_max = std::size_t{64} << 20;
constexpr std::size_t txn_file_bytes_max = std::size_t{256} << 20;

bool is_index(std::string_view kind) {
  return kind == suffix::index || kind == suffix::time_index || kind == suffix::txn_index;
}
bool is_of_segment(std::string_view kind) { return kind == suffix::log || is_index(kind); }

// "00000000000000000005.log.swap" takes the place of a segment's file. Whatever else ends so is nobody's: it stays, and
// names nothing that would have to go.
bool is_swap(std::string_view kind) {
  return kind.ends_with(suffix::swap) && is_of_segment(kind.substr(0, kind.size() - suffix::swap.size()));
}

}  // namespace

Failure LogLoader::broken(const std::string& path, IoError error) {
  const bool passes = error == IoError::no_space || error == IoError::too_many_files;
  cause_ = passes ? OpenFailure::Cause::no_room : OpenFailure::Cause::doubt;
  return {fmt::format("{}: {}", path, io::io_error_text(error))};
}

Failure LogLoader::damaged(std::string text) {
  cause_ = OpenFailure::Cause::damage;
  return {std::move(text)};
}

bool LogLoader::lost_below_recovery_point(Offset end) const {
  return std::max({end, plan_.log_start, plan_.covered}) < plan_.recovery_point;
}

Failure LogLoader::ends_too_early(const std::string& path, Offset end) {
  return damaged(fmt::format("{} ends at offset {}, although everything below {} was flushed; nothing was changed",
                             path, end, plan_.recovery_point));
}

io::Task<Result<OpenReport, OpenFailure>> LogStore::open(OpenPlan plan) {
  LogLoader loader(*this, plan);
  auto report = co_await loader.open();
  if (report.has_value()) {
    state_ = State::ready;
  } else {
    state_ = State::fenced;
  }
  co_return report;
}

io::Task<Result<OpenReport, OpenFailure>> LogLoader::open() {
  auto report = co_await load();
  if (!report.has_value()) co_return std::unexpected(OpenFailure{std::move(report.error()), cause_});
  co_return *report;
}

io::Task<Result<OpenReport>> LogLoader::load() {
  OpenFiles& files = store_.shared_.files;
  auto listed = co_await files.list(store_.directory_);
  if (!listed.has_value() && listed.error() == IoError::not_found) {
    auto made = co_await make_directory();
    if (!made.has_value()) co_return std::unexpected(broken(store_.directory_, made.error()));
    listed = std::vector<io::DirectoryEntry>{};
  }
  if (!listed.has_value()) co_return std::unexpected(broken(store_.directory_, listed.error()));
  auto cleaned = co_await clean_up(std::move(*listed));
  if (!cleaned.has_value()) co_return std::unexpected(cleaned.error());

  auto again = co_await files.list(store_.directory_);
  if (!again.has_value()) co_return std::unexpected(broken(store_.directory_, again.error()));
  std::vector<Offset> bases;
  for (const io::DirectoryEntry& entry : *again) {
    const auto name = parse_offset_file_name(entry.name);
    if (name.has_value() && name->suffix == suffix::log && !entry.is_directory) bases.push_back(name->offset);
  }
  if (bases.empty()) {
    auto made = co_await make_new();
    if (!made.has_value()) co_return std::unexpected(made.error());
    co_return report_;
  }
  auto opened = co_await open_segments(std::move(bases));
  if (!opened.has_value()) co_return std::unexpected(opened.error());
  const Offset log_start = std::max(plan_.log_start, store_.segments_.front()->base);
  store_.admission_ = log::Admission(log_start, log_start);
  auto epochs = co_await load_epochs();
  if (!epochs.has_value()) co_return std::unexpected(epochs.error());

  Result<Offset> end = plan_.log_start;
  if (plan_.was_closed_cleanly) {
    end = co_await load_cleanly();
  } else {
    end = co_await recover();
    if (end.has_value()) end = co_await drop_empty_segments(*end);
  }
  if (!end.has_value()) co_return std::unexpected(end.error());
  if (*end < log_start) {
    // The segments that held the start are gone from the disk; Kafka begins anew where the log is said to start.
    store_.logger_.warn("The log {} ends at {}, below its start {}: it begins anew there", store_.directory_, *end,
                        log_start);
    store_.state_ = LogStore::State::ready;
    auto restarted = co_await store_.restart_at(log_start);
    if (!restarted.has_value()) co_return failure(fmt::format("{} cannot begin anew", store_.directory_));
    co_return report_;
  }
  if (plan_.was_closed_cleanly) {
    log::EpochCache known = store_.admission_.epochs();
    store_.admission_ = log::Admission(log_start, *end);
    store_.admission_.mutable_epochs() = std::move(known);
    auto producers = co_await store_.rebuild_producers();
    if (!producers.has_value()) co_return std::unexpected(broken(store_.directory_, producers.error()));
  } else if (store_.admission_.advance_start(log_start)) {
    store_.epochs_dirty_ = true;
  }
  log::EpochCache& known = store_.admission_.mutable_epochs();
  const bool beyond = known.truncate_from_end(*end);
  const bool below = known.truncate_from_start(log_start);
  if (beyond || below) store_.epochs_dirty_ = true;
  store_.written_end_ = store_.durable_end_ = *end;
  store_.tail_.written_up_to(*end);
  co_return report_;
}

// A log whose name a power cut takes away was never there, whatever was synced inside.
io::Task<io::IoStatus> LogLoader::make_directory() {
  OpenFiles& files = store_.shared_.files;
  auto made = co_await files.file_system().make_directories(store_.directory_);
  if (!made.has_value()) co_return made;
  const std::size_t slash = store_.directory_.rfind('/');
  std::string parent = slash == 0 || slash == std::string::npos ? "/" : store_.directory_.substr(0, slash);
  if (slash == std::string::npos) parent = ".";
  auto synced = co_await files.sync_directory(std::move(parent));
  co_return synced;
}

io::Task<Result<void>> LogLoader::make_new() {
  if (lost_below_recovery_point(plan_.log_start))
    co_return std::unexpected(ends_too_early(store_.directory_, plan_.log_start));
  store_.admission_ = log::Admission(plan_.log_start, plan_.log_start);
  store_.written_end_ = store_.durable_end_ = plan_.log_start;
  store_.add_segment(plan_.log_start);
  auto begun = co_await store_.begin_segment(*store_.segments_.back());
  if (!begun.has_value()) co_return std::unexpected(broken(store_.directory_, begun.error()));
  co_return Result<void>{};
}

io::Task<Result<void>> LogLoader::remove(std::string path) {
  auto removed = co_await store_.shared_.files.file_system().remove(path);
  if (removed.has_value() || removed.error() == IoError::not_found) co_return Result<void>{};
  co_return std::unexpected(broken(path, removed.error()));
}

// .deleted: on their way out. .cleaned: a compaction that was not finished. .swap: one that was, not yet in place;
// those at or above the first .cleaned belong to an unfinished split (KAFKA-6264).
io::Task<Result<void>> LogLoader::clean_up(std::vector<io::DirectoryEntry> entries) {
  Offset first_cleaned = INT64_MAX;
  std::vector<std::string> swaps;
  std::vector<std::string> others;
  std::vector<std::string> doomed;
  std::set<Offset> logs;
  for (const io::DirectoryEntry& entry : entries) {
    if (entry.is_directory) continue;
    const auto name = parse_offset_file_name(entry.name);
    if (entry.name.ends_with(suffix::deleted)) {
      if (!entry.name.ends_with(".checkpoint.deleted")) doomed.push_back(entry.name);
    } else if (entry.name.ends_with(suffix::cleaned)) {
      if (name.has_value()) first_cleaned = std::min(first_cleaned, name->offset);
      doomed.push_back(entry.name);
    } else if (name.has_value() && is_swap(name->suffix)) {
      swaps.push_back(entry.name);
    } else if (name.has_value() && is_of_segment(name->suffix)) {
      others.push_back(entry.name);
      if (name->suffix == suffix::log) logs.insert(name->offset);
    }
  }
  std::erase_if(swaps, [&](const std::string& swap) {
    if (parse_offset_file_name(swap)->offset < first_cleaned) return false;
    doomed.push_back(swap);
    return true;
  });
  if (swaps.empty()) {
    for (const std::string& other : others) {
      const auto name = parse_offset_file_name(other);
      if (is_index(name->suffix) && !logs.contains(name->offset)) doomed.push_back(other);
    }
  }
  for (const std::string& name : doomed) {
    auto removed = co_await remove(join_path(store_.directory_, name));
    if (!removed.has_value()) co_return removed;
  }
  if (swaps.empty()) co_return Result<void>{};
  auto finished = co_await finish_swaps(std::move(swaps), std::move(others));
  co_return finished;
}

// What the swapped-in segments replace goes first, then they take its place.
io::Task<Result<void>> LogLoader::finish_swaps(std::vector<std::string> swaps, std::vector<std::string> others) {
  OpenFiles& files = store_.shared_.files;
  Offset first = INT64_MAX;
  Offset past = INT64_MIN;
  for (const std::string& swap : swaps) {
    const auto name = parse_offset_file_name(swap);
    if (!name->suffix.starts_with(suffix::log)) continue;
    const std::string path = join_path(store_.directory_, swap);
    PooledFile file(store_.shared_.files, path);
    std::uint64_t size = 0;
    {
      auto use = co_await file.use();
      if (!use.has_value()) co_return std::unexpected(broken(path, use.error()));
      auto told = co_await (*use)->size();
      if (!told.has_value()) co_return std::unexpected(broken(path, told.error()));
      size = *told;
    }
    first = std::min(first, name->offset);
    past = std::max(past, name->offset);
    SegmentScanner scanner(store_.reactor_, file, 0, size);
    for (;;) {
      auto more = co_await scanner.load();
      if (!more.has_value()) co_return std::unexpected(broken(path, more.error()));
      if (!*more) break;
      while (const auto batch = scanner.next()) past = std::max(past, log::facts_of(*batch).last_offset + 1);
    }
  }
  for (const std::string& other : others) {
    const auto name = parse_offset_file_name(other);
    if (name->offset < first || name->offset >= past) continue;
    auto removed = co_await remove(join_path(store_.directory_, other));
    if (!removed.has_value()) co_return removed;
  }
  for (const std::string& swap : swaps) {
    const std::string from = join_path(store_.directory_, swap);
    auto renamed = co_await files.file_system().rename(from, from.substr(0, from.size() - suffix::swap.size()));
    if (!renamed.has_value()) co_return std::unexpected(broken(from, renamed.error()));
  }
  auto synced = co_await files.sync_directory(store_.directory_);
  if (!synced.has_value()) co_return std::unexpected(broken(store_.directory_, synced.error()));
  co_return Result<void>{};
}

io::Task<Result<void>> LogLoader::open_segments(std::vector<Offset> bases) {
  std::ranges::sort(bases);
  for (const Offset base : bases) {
    store_.add_segment(base);
    Segment& segment = *store_.segments_.back();
    auto file = co_await segment.log.use();
    if (!file.has_value()) co_return std::unexpected(broken(segment.log.path(), file.error()));
    auto size = co_await (*file)->size();
    if (!size.has_value()) co_return std::unexpected(broken(segment.log.path(), size.error()));
    segment.on_disk = true;
    segment.size = segment.written = segment.synced = *size;
  }
  for (std::size_t i = 0; i + 1 < store_.segments_.size(); ++i) {
    store_.segments_[i]->sealed = true;
    store_.segments_[i]->forget_indexes();
  }
  co_return Result<void>{};
}

io::Task<Result<void>> LogLoader::load_epochs() {
  const std::string path = join_path(store_.directory_, epoch_checkpoint_name);
  auto text = co_await store_.shared_.files.read_file(path, epoch_file_bytes_max);
  if (!text.has_value() && text.error() == IoError::not_found) co_return Result<void>{};
  if (!text.has_value()) co_return std::unexpected(broken(path, text.error()));
  auto epochs = log::EpochCache::from_checkpoint_text(as_text(text->view()));
  if (!epochs.has_value()) co_return std::unexpected(damaged(fmt::format("{}: {}", path, epochs.error().text)));
  store_.admission_.mutable_epochs() = std::move(*epochs);
  store_.epochs_on_disk_ = true;
  co_return Result<void>{};
}

// Of that many segments from the first on.
io::Task<Result<void>> LogLoader::load_aborted(std::size_t segments) {
  for (std::size_t i = 0; i < segments; ++i) {
    Segment& segment = *store_.segments_[i];
    const std::string path = segment.path(suffix::txn_index);
    auto content = co_await store_.shared_.files.read_file(path, txn_file_bytes_max);
    if (!content.has_value() && content.error() == IoError::not_found) continue;
    if (!content.has_value()) co_return std::unexpected(broken(path, content.error()));
    segment.aborted_on_disk = true;
    const bool good = segment.aborted.decode(content->view());
    if (good && std::ranges::none_of(segment.aborted.entries(),
                                     [&segment](const AbortedTxn& txn) { return txn.last_offset < segment.base; }))
      continue;
    store_.logger_.warn("{} is no index of aborted transactions of this segment; making it anew", path);
    auto rebuilt = co_await rebuild_aborted(i);
    if (!rebuilt.has_value()) co_return rebuilt;
  }
  co_return Result<void>{};
}

// Also below the recovery point, where nothing of the log itself changes.
io::Task<Result<void>> LogLoader::rebuild_aborted(std::size_t number) {
  auto& segments = store_.segments_;
  Segment& segment = *segments[number];
  segment.aborted.clear();
  log::Admission scratch(std::min(store_.admission_.log_start(), segment.base), segment.base);
  ProducerRebuild::Deps deps{store_.reactor_, store_.shared_.files, store_.logger_};
  ProducerRebuild rebuild(deps, store_.directory_, store_.shared_.producer_expiration_ms);
  auto producers = co_await rebuild.run(scratch, segments, segment.base);
  if (!producers.has_value()) co_return std::unexpected(broken(store_.directory_, producers.error()));
  SegmentScanner scanner(store_.reactor_, segment.log, 0, segment.written);
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(broken(segment.log.path(), more.error()));
    if (!*more) break;
    while (const auto batch = scanner.next()) note_aborted(segment, scratch.apply(log::facts_of(*batch)));
  }
  const std::string path = segment.path(suffix::txn_index);
  auto saved = co_await store_.shared_.files.replace_file(path, Slice::copy_of(segment.aborted.encode()));
  if (!saved.has_value()) co_return std::unexpected(broken(path, saved.error()));
  co_return Result<void>{};
}

io::Task<Result<Offset>> LogLoader::load_cleanly() {
  auto aborted = co_await load_aborted(store_.segments_.size());
  if (!aborted.has_value()) co_return std::unexpected(aborted.error());
  Segment& active = *store_.segments_.back();
  active.forget_indexes();
  auto loaded = co_await store_.load_indexes(active);
  if (loaded.has_value()) {
    auto fits = co_await indexes_fit(active);
    if (!fits.has_value()) co_return std::unexpected(fits.error());
    if (!*fits) loaded = co_await store_.rebuild_indexes(active);
  }
  if (!loaded.has_value()) co_return std::unexpected(broken(active.log.path(), loaded.error()));
  active.largest = active.times.last();
  Offset end = active.base;
  auto read = co_await read_to_end(active, end);
  if (!read.has_value()) co_return std::unexpected(read.error());
  if (lost_below_recovery_point(end)) co_return std::unexpected(ends_too_early(active.log.path(), end));
  co_return end;
}

// Entries that rise say nothing of what is in the log: there must be a batch where the last one points, and one that
// holds the largest timestamp. An old Kafka names a later offset than the batch's own when it appended several at once.
io::Task<Result<bool>> LogLoader::indexes_fit(Segment& segment) {
  const OffsetPosition last = segment.offsets.last();
  if (last.position != 0) {
    auto batch = co_await first_batch(segment, last.position, segment.base);
    if (!batch.has_value()) co_return std::unexpected(batch.error());
    if (!batch->has_value() || (*batch)->last_offset > last.offset) co_return false;
  }
  if (segment.times.size() == 0) co_return true;
  const TimestampOffset newest = segment.times.last();
  auto batch = co_await first_batch(segment, segment.offsets.lookup(newest.offset).position, newest.offset);
  if (!batch.has_value()) co_return std::unexpected(batch.error());
  if (!batch->has_value()) co_return false;
  // Of a wrapper of magic 1 only the last offset is known, and an old Kafka names the inner one.
  const bool begins_there = (*batch)->magic < records::current_magic || (*batch)->base_offset <= newest.offset;
  co_return begins_there && (*batch)->max_timestamp == newest.timestamp;
}

// The first batch from `position` on that does not end below `offset`; nothing when what is there is none.
io::Task<Result<std::optional<log::BatchFacts>>> LogLoader::first_batch(Segment& segment, std::uint64_t position,
                                                                        Offset offset) {
  SegmentScanner scanner(store_.reactor_, segment.log, position, segment.written);
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(broken(segment.log.path(), more.error()));
    if (!*more) co_return std::optional<log::BatchFacts>{};
    while (const auto batch = scanner.next()) {
      if (damage_of(*batch, segment, segment.base) != nullptr) co_return std::optional<log::BatchFacts>{};
      const log::BatchFacts facts = log::facts_of(*batch);
      if (facts.last_offset >= offset) co_return std::optional<log::BatchFacts>{facts};
    }
  }
}

// The active segment of a cleanly closed log: its end, and what its last batches add to the index.
io::Task<Result<void>> LogLoader::read_to_end(Segment& segment, Offset& end) {
  const OffsetPosition last = segment.offsets.last();
  SegmentScanner scanner(store_.reactor_, segment.log, last.position, segment.written);
  segment.size = last.position;
  segment.resume_index();
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(broken(segment.log.path(), more.error()));
    if (!*more) break;
    while (const auto batch = scanner.next()) {
      const log::BatchFacts facts = log::facts_of(*batch);
      segment.note(facts, store_.segment_rules());
      end = facts.last_offset + 1;
    }
  }
  if (scanner.end() != records::ScanEnd::clean)
    co_return std::unexpected(damaged(fmt::format("{}: damaged at byte {}, although the log was closed cleanly",
                                                  segment.log.path(), scanner.position())));
  if (last.position == 0) co_return Result<void>{};
  SegmentScanner first(store_.reactor_, segment.log, 0, segment.written);
  auto more = co_await first.load();
  if (!more.has_value()) co_return std::unexpected(broken(segment.log.path(), more.error()));
  if (const auto batch = first.next()) segment.first_timestamp = log::facts_of(*batch).max_timestamp;
  co_return Result<void>{};
}

}  // namespace highwater::engine
