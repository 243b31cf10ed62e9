// Append and group commit: how batches get to the tail and from there to the files, and what happens when they do not.
#include <fmt/format.h>

#include "engine/storage/file_names.h"
#include "engine/storage/log_store.h"
#include "foundation/base/check.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

using io::IoError;
using io::IoStatus;

namespace {

constexpr Duration no_room_line_interval = Duration::from_seconds(10);

}  // namespace

void LogStore::append(ByteView batch, const log::BatchFacts& facts) {
  HW_CHECK(state_ == State::ready);
  HW_CHECK(facts.size_bytes == batch.size());
  roll_if_due(facts);
  Segment& active = *segments_.back();
  const Tail::Place place = tail_.append(batch, facts.base_offset, facts.last_offset);
  active.note(facts, segment_rules());
  const log::Admission::Applied applied = admission_.apply(facts);
  if (applied.epochs_changed) epochs_dirty_ = true;
  if (applied.completed.has_value() && applied.completed->outcome == log::TxnOutcome::abort) {
    const log::CompletedTxn& txn = *applied.completed;
    active.aborted.append({txn.producer_id, txn.first_offset, txn.last_offset, txn.last_stable_offset});
  }
  ++counters_.appended_batches;
  counters_.appended_bytes += batch.size();

  const Offset end = facts.last_offset + 1;
  if (!staged_.empty()) {
    Staged& last = staged_.back();
    if (last.segment == &active && last.chunk.data() == place.chunk.data() && last.start + last.length == place.start) {
      last.length += place.length;
      last.end = end;
      return;
    }
  }
  staged_.push_back({&active, place.chunk, place.start, place.length, end});
  if (!committing_) reactor_.request_turn_end(*this);
}

// Besides flush(): what was written before space ran out, or before the durability became stricter.
bool LogStore::wants_sync() const {
  const bool behind = settings_.durability == configs::Durability::fsync && durable_end_ < written_end_;
  return behind || !flushes_.empty();
}

void LogStore::resume_commits() {
  if (!committing_ && state_ == State::ready && (!staged_.empty() || wants_sync())) reactor_.request_turn_end(*this);
}

void LogStore::at_turn_end() {
  if (committing_ || state_ != State::ready) return;
  if (staged_.empty() && !wants_sync()) return;
  committing_ = true;
  tasks_.spawn(commit_loop());
}

io::Task<void> LogStore::commit_loop() {
  while (state_ == State::ready && (!staged_.empty() || wants_sync())) {
    const Offset end = admission_.log_end();
    const bool sync = settings_.durability == configs::Durability::fsync || wants_sync();
    std::vector<Staged> group = std::exchange(staged_, {});
    auto written = co_await write_group(std::move(group));
    if (!written.has_value()) {
      co_await commit_failed(written.error());
      if (state_ == State::ready) listener_.on_progress();
      continue;
    }
    if (sync && state_ == State::ready) {
      auto synced = co_await sync_all();
      if (!synced.has_value()) {
        fence(fmt::format("syncing {} failed: {}", directory_, io::io_error_text(synced.error())));
        break;
      }
      durable_end_ = end;
      answer_flushes();
    }
    if (state_ == State::ready) listener_.on_progress();
  }
  committing_ = false;
  resume_commits();
  for (io::Promise<io::Done>& waiter : std::exchange(idle_waiters_, {})) waiter.complete({});
}

io::Task<IoStatus> LogStore::write_group(std::vector<Staged> group) {
  std::span<const Staged> rest(group);
  while (!rest.empty()) {
    Segment& segment = *rest.front().segment;
    std::size_t count = 1;
    while (count < rest.size() && rest[count].segment == &segment) ++count;
    if (!segment.on_disk) {
      auto begun = co_await begin_segment(segment);
      if (!begun.has_value()) co_return begun;
    }
    auto wrote = co_await write_run(rest.first(count));
    if (!wrote.has_value()) co_return wrote;
    rest = rest.subspan(count);
  }
  co_return IoStatus{};
}

io::Task<IoStatus> LogStore::write_run(std::span<const Staged> run) {
  Segment& segment = *run.front().segment;
  std::vector<Slice> slices;
  std::uint64_t bytes = 0;
  slices.reserve(run.size());
  for (const Staged& piece : run) {
    slices.push_back(piece.chunk.part(piece.start, piece.length));
    bytes += piece.length;
  }
  auto file = co_await segment.log.use();
  if (!file.has_value()) co_return std::unexpected(file.error());
  auto wrote = co_await (*file)->write(segment.written, std::move(slices));
  if (!wrote.has_value()) co_return wrote;
  ++counters_.writes;
  segment.written += bytes;
  written_end_ = run.back().end;
  tail_.written_up_to(written_end_);
  co_return wrote;
}

// The segment before is complete in its file by now.
io::Task<IoStatus> LogStore::begin_segment(Segment& segment) {
  // By number: appends add segments meanwhile, and those below the log's start may go.
  for (std::size_t i = 0; segments_[i].get() != &segment;) {
    Segment& older = *segments_[i];
    const Offset base = older.base;
    if (!older.sealed) {
      auto done = co_await seal_segment(older);
      if (!done.has_value()) co_return done;
    }
    i = number_after(base);
  }
  OpenFiles& files = shared_.files;
  while (drafting_.has_value() && &drafting_->segment == &segment && step_snapshot())
    co_await reactor_.sleep_until(reactor_.now());
  if (!segment.start_snapshot.empty()) {
    Slice content = segment.start_snapshot;
    auto saved = co_await files.replace_file(segment.path(suffix::snapshot), std::move(content));
    if (!saved.has_value()) co_return saved;
    segment.start_snapshot = {};
  }
  auto epochs = co_await save_epochs();
  if (!epochs.has_value()) co_return epochs;
  auto file = co_await segment.log.use(io::OpenMode::create_truncate);
  if (!file.has_value()) co_return std::unexpected(file.error());
  // The name must be durable before anything in the file is called durable.
  auto named = co_await files.sync_directory(directory_);
  if (!named.has_value()) co_return named;
  segment.on_disk = true;
  co_return named;
}

io::Task<IoStatus> LogStore::seal_segment(Segment& segment) {
  segment.finish_times();
  auto indexed = co_await write_indexes(segment);
  if (!indexed.has_value()) co_return indexed;
  segment.sealed = true;
  segment.indexes_are_loaded(Segment::Eviction::allowed);
  if (settings_.durability == configs::Durability::fsync) {
    auto synced = co_await sync_segment(segment);
    co_return synced;
  }
  if (!syncing_sealed_) {
    syncing_sealed_ = true;
    tasks_.spawn(sync_sealed());
  }
  co_return IoStatus{};
}

// For what must not be given up: too few descriptors say nothing about the file, and others are closed soon.
io::Task<io::IoResult<PooledFile::Use>> LogStore::use_patiently(PooledFile& file) {
  constexpr Duration pause = Duration::from_ms(10);
  auto use = co_await file.use();
  while (!use.has_value() && use.error() == IoError::too_many_files) {
    co_await reactor_.sleep_until(reactor_.now() + pause);
    use = co_await file.use();
  }
  co_return use;
}

io::Task<IoStatus> LogStore::sync_segment(Segment& segment) {
  if (segment.synced == segment.written) co_return IoStatus{};
  auto file = co_await use_patiently(segment.log);
  if (!file.has_value()) co_return std::unexpected(file.error());
  const std::uint64_t covered = segment.written;
  if (!HW_PLANTED("ack_before_fsync")) {
    auto synced = co_await (*file)->sync(io::SyncKind::data);
    // Whatever it says: a later sync that succeeds would prove nothing (a file system may allocate only now).
    if (!synced.has_value()) co_return std::unexpected(IoError::media);
  }
  ++counters_.syncs;
  segment.synced = std::max(segment.synced, covered);
  co_return IoStatus{};
}

io::Task<IoStatus> LogStore::sync_all() {
  for (std::size_t i = 0; i < segments_.size();) {
    Segment& segment = *segments_[i];
    if (!segment.on_disk || segment.synced == segment.written) {
      ++i;
      continue;
    }
    const Offset base = segment.base;
    auto synced = co_await sync_segment(segment);
    if (!synced.has_value()) co_return synced;
    i = number_after(base);
  }
  co_return IoStatus{};
}

// Page-cache durability: a rolled segment is synced behind the back of the appends, oldest first, and the recovery
// point follows (UnifiedLog.roll schedules the same).
io::Task<void> LogStore::sync_sealed() {
  for (bool again = true; again && state_ == State::ready;) {
    again = false;
    for (std::size_t i = 0; i + 1 < segments_.size(); ++i) {
      Segment& segment = *segments_[i];
      if (!segment.sealed || segment.synced == segment.written) continue;
      const Offset next_base = segments_[i + 1]->base;
      auto synced = co_await sync_segment(segment);
      if (!synced.has_value()) {
        fence(fmt::format("syncing {} failed: {}", segment.log.path(), io::io_error_text(synced.error())));
        break;
      }
      durable_end_ = std::max(durable_end_, next_base);
      again = true;
      break;
    }
  }
  syncing_sealed_ = false;
  for (io::Promise<io::Done>& waiter : std::exchange(idle_waiters_, {})) waiter.complete({});
}

namespace {

io::Task<IoStatus> write_whole_file(OpenFiles& files, std::string path, std::vector<std::uint8_t> content) {
  auto file = co_await files.open(std::move(path), io::OpenMode::create_truncate);
  if (!file.has_value()) co_return std::unexpected(file.error());
  if (!content.empty()) {
    std::vector<Slice> slices;
    slices.push_back(Slice::copy_of(content));
    auto wrote = co_await (*file)->write(0, std::move(slices));
    if (!wrote.has_value()) co_return wrote;
  }
  auto synced = co_await (*file)->sync(io::SyncKind::data_and_metadata);
  co_return synced;
}

}  // namespace

io::Task<IoStatus> LogStore::write_indexes(Segment& segment) {
  HW_CHECK(segment.indexes_loaded());
  OpenFiles& files = shared_.files;
  auto offsets = co_await write_whole_file(files, segment.path(suffix::index), segment.offsets.encode(0));
  if (!offsets.has_value()) co_return offsets;
  auto times = co_await write_whole_file(files, segment.path(suffix::time_index), segment.times.encode(0));
  if (!times.has_value()) co_return times;
  if (segment.has_aborted_file()) {
    auto aborted = co_await write_whole_file(files, segment.path(suffix::txn_index), segment.aborted.encode());
    if (!aborted.has_value()) co_return aborted;
  }
  auto named = co_await files.sync_directory(directory_);
  if (named.has_value()) segment.indexes_are_saved();
  co_return named;
}

io::Task<void> LogStore::commit_failed(IoError error) {
  if (state_ != State::ready) co_return;
  // Neither says anything about bytes that were there before.
  if (error == IoError::no_space || error == IoError::too_many_files) {
    tell_of_no_room(error);
    co_await roll_back();
    co_return;
  }
  fence(fmt::format("writing to {} failed: {}", directory_, io::io_error_text(error)));
}

void LogStore::tell_of_no_room(IoError error) {
  const Instant now = reactor_.now();
  if (no_room_told_at_ != Instant() && now < no_room_told_at_ + no_room_line_interval) {
    ++no_room_held_back_;
    return;
  }
  const std::string again =
      no_room_held_back_ == 0 ? "" : fmt::format(", and {} times since this was last said", no_room_held_back_);
  logger_.error("Appending to {} failed{}: {}; taking back what was appended from offset {} on", directory_, again,
                io::io_error_text(error), written_end_);
  no_room_told_at_ = now;
  no_room_held_back_ = 0;
}

io::Task<void> LogStore::roll_back() {
  state_ = State::repairing;
  ++counters_.no_space;
  staged_.clear();
  const Offset end = written_end_;
  std::vector<std::string> leftovers;
  while (segments_.size() > 1 && !segments_.back()->on_disk) {
    retire(std::move(segments_.back()), leftovers);
    segments_.pop_back();
  }
  Segment& active = *segments_.back();
  active.sealed = false;
  auto cut = co_await cut_active(end, active.written);
  if (!cut.has_value()) {
    fence(fmt::format("cutting {} back failed: {}", active.log.path(), io::io_error_text(cut.error())));
    co_return;
  }
  if (!leftovers.empty()) {
    co_await remove_files(std::move(leftovers));
    auto gone = co_await shared_.files.sync_directory(directory_);
    if (!gone.has_value()) {
      fence(fmt::format("syncing {} failed: {}", directory_, io::io_error_text(gone.error())));
      co_return;
    }
  }
  if (state_ != State::repairing) co_return;
  // Only now, when no power cut can bring it back: who hears this counts what was taken back as absent.
  std::erase_if(flushes_, [end](FlushWaiter& waiter) {
    if (waiter.end <= end) return false;
    waiter.promise.complete(std::unexpected(StoreError::rolled_back));
    return true;
  });
  listener_.on_rolled_back(end);
  state_ = State::ready;
  listener_.on_ready();
}

void LogStore::fence(std::string reason) {
  if (state_ == State::fenced) return;
  state_ = State::fenced;
  ++counters_.fenced;
  staged_.clear();
  for (FlushWaiter& waiter : std::exchange(flushes_, {})) waiter.promise.complete(std::unexpected(StoreError::fenced));
  logger_.error("The log {} is fenced until the next start: {}", directory_, reason);
  listener_.on_fenced(reason);
}

}  // namespace highwater::engine
