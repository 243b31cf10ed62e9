// Cutting a log at its end or at its start.
#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/file_names.h"
#include "engine/storage/log_store.h"
#include "engine/storage/producer_rebuild.h"
#include "engine/storage/segment_scanner.h"
#include "foundation/base/check.h"

namespace highwater::engine {

using io::IoError;
using io::IoStatus;

// The active segment ends at `position`, where the batch at `end` began, also after a power cut; the producers are as
// they were then.
io::Task<IoStatus> LogStore::cut_active(Offset end, std::uint64_t position) {
  Segment& active = *segments_.back();
  auto loaded = co_await load_indexes(active);
  if (!loaded.has_value()) co_return loaded;
  active.indexes_are_loaded(Segment::Eviction::never);
  if (active.on_disk) {
    auto file = co_await use_patiently(active.log);
    if (!file.has_value()) co_return std::unexpected(file.error());
    auto cut = co_await (*file)->truncate(position);
    if (!cut.has_value()) co_return cut;
    auto synced = co_await (*file)->sync(io::SyncKind::data_and_metadata);
    if (!synced.has_value()) co_return synced;
    active.synced = position;
  }
  active.truncate_to(end, position);
  auto refreshed = co_await refresh_largest(active);
  if (!refreshed.has_value()) co_return refreshed;
  tail_.truncate_to(end);
  written_end_ = std::min(written_end_, end);
  durable_end_ = std::min(durable_end_, end);
  epochs_dirty_ = true;
  // Also without producers: a snapshot above the new end would speak of batches that are gone.
  static_cast<void>(admission_.truncate_to(end));
  auto rebuilt = co_await rebuild_producers();
  co_return rebuilt;
}

// The largest timestamp of what is left: the last entry of the time index, or something behind it. Until it is known
// the old one stands: it may be too large, and then a lookup by time finds nothing here, but never too small.
io::Task<IoStatus> LogStore::refresh_largest(Segment& segment) {
  TimestampOffset largest = segment.times.last();
  if (segment.size == 0 || !segment.on_disk) {
    segment.largest = largest;
    co_return IoStatus{};
  }
  const std::uint64_t from = segment.offsets.lookup(largest.offset).position;
  SegmentScanner scanner(reactor_, segment.log, from, segment.written);
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(more.error());
    if (!*more) break;
    while (const auto batch = scanner.next()) {
      const log::BatchFacts facts = log::facts_of(*batch);
      if (facts.max_timestamp > largest.timestamp) largest = {facts.max_timestamp, facts.last_offset};
    }
  }
  segment.largest = largest;
  co_return IoStatus{};
}

io::Task<IoStatus> LogStore::rebuild_producers() {
  ProducerRebuild::Deps deps{reactor_, shared_.files, logger_};
  ProducerRebuild rebuild(deps, directory_, shared_.producer_expiration_ms);
  auto done = co_await rebuild.run(admission_, segments_, end());
  if (done.has_value()) done = co_await rebuild.remove_useless();
  co_return done;
}

io::Task<Result<void, StoreError>> LogStore::truncate_to(Offset end_offset) {
  HW_CHECK(end_offset >= start());
  co_await idle();
  if (state_ == State::fenced) co_return std::unexpected(StoreError::fenced);
  if (state_ != State::ready) co_return std::unexpected(StoreError::closed);
  if (end_offset >= end()) co_return Result<void, StoreError>{};
  state_ = State::repairing;
  auto cut = co_await cut_whole(end_offset);
  if (!cut.has_value()) {
    fence(fmt::format("truncating {} failed: {}", directory_, io::io_error_text(cut.error())));
    co_return std::unexpected(StoreError::fenced);
  }
  state_ = State::ready;
  resume_commits();
  co_return Result<void, StoreError>{};
}

io::Task<IoStatus> LogStore::cut_whole(Offset end_offset) {
  std::vector<std::string> paths;
  while (segments_.size() > 1 && segments_.back()->base >= end_offset) {
    retire(std::move(segments_.back()), paths);
    segments_.pop_back();
  }
  Segment& active = *segments_.back();
  auto loaded = co_await load_indexes(active);
  if (!loaded.has_value()) co_return loaded;
  active.indexes_are_loaded(Segment::Eviction::never);
  active.sealed = false;
  // Durably, before anything else is written: a segment that a power cut brings back would continue the new log.
  co_await remove_files(std::move(paths));
  auto gone = co_await shared_.files.sync_directory(directory_);
  if (!gone.has_value()) co_return gone;
  std::uint64_t position = 0;
  if (end_offset > active.base) {
    SegmentScanner scanner(reactor_, active.log, active.offsets.lookup(end_offset).position, active.written);
    position = active.written;
    for (bool searching = true; searching;) {
      auto more = co_await scanner.load();
      if (!more.has_value()) co_return std::unexpected(more.error());
      if (!*more) break;
      while (const auto batch = scanner.next()) {
        if (log::facts_of(*batch).last_offset < end_offset) continue;
        position = scanner.batch_position();
        searching = false;
        break;
      }
    }
  }
  auto cut = co_await cut_active(end_offset, position);
  co_return cut;
}

io::Task<Result<void, StoreError>> LogStore::restart_at(Offset offset) {
  co_await idle();
  if (state_ != State::ready) co_return std::unexpected(StoreError::fenced);
  state_ = State::repairing;
  std::vector<std::string> paths;
  while (!segments_.empty()) {
    retire(std::move(segments_.back()), paths);
    segments_.pop_back();
  }
  tail_.clear();
  admission_.restart_at(offset);
  written_end_ = durable_end_ = offset;
  epochs_dirty_ = true;
  io::FileSystem& files = shared_.files.file_system();
  for (std::string& path : paths) {
    auto removed = co_await files.remove(path);
    if (removed.has_value() || removed.error() == IoError::not_found) continue;
    fence(fmt::format("removing {} failed: {}", path, io::io_error_text(removed.error())));
    co_return std::unexpected(StoreError::fenced);
  }
  add_segment(offset);
  auto begun = co_await begin_segment(*segments_.back());
  if (!begun.has_value()) {
    fence(fmt::format("restarting {} failed: {}", directory_, io::io_error_text(begun.error())));
    co_return std::unexpected(StoreError::fenced);
  }
  state_ = State::ready;
  resume_commits();
  co_return Result<void, StoreError>{};
}

Result<void, StoreError> LogStore::move_start(Offset offset) {
  if (state_ == State::fenced) return std::unexpected(StoreError::fenced);
  if (offset < start() || offset > end()) return std::unexpected(StoreError::out_of_range);
  if (admission_.advance_start(offset)) epochs_dirty_ = true;
  return {};
}

bool LogStore::has_segments_below_start() const {
  return segments_.size() > 1 && segments_[1]->base <= start() && segments_.front()->sealed;
}

io::Task<void> LogStore::remove_below_start() {
  std::vector<std::string> paths;
  while (has_segments_below_start()) {
    retire(std::move(segments_.front()), paths);
    segments_.erase(segments_.begin());
  }
  io::FileSystem& files = shared_.files.file_system();
  std::vector<std::string> renamed;
  for (std::string& path : paths) {
    std::string later = path + std::string(suffix::deleted);
    auto moved = co_await files.rename(path, later);
    if (moved.has_value()) renamed.push_back(std::move(later));
  }
  if (!renamed.empty()) tasks_.spawn(remove_later(std::move(renamed)));
}

io::Task<Result<void, StoreError>> LogStore::advance_start(Offset offset) {
  auto moved = move_start(offset);
  if (!moved.has_value()) co_return moved;
  auto epochs = co_await write_epochs();
  if (!epochs.has_value()) co_return epochs;
  co_await remove_below_start();
  co_return Result<void, StoreError>{};
}

// Readers may be inside: the object stays until the log goes, its files may go.
void LogStore::retire(std::unique_ptr<Segment> segment, std::vector<std::string>& paths) {
  if (drafting_.has_value() && &drafting_->segment == segment.get()) {
    drafting_.reset();
    admission_.mutable_producers().end_walk();
  }
  for (const std::string_view kind :
       {suffix::log, suffix::index, suffix::time_index, suffix::txn_index, suffix::snapshot})
    paths.push_back(segment->path(kind));
  std::erase_if(retired_, [](const auto& old) { return old->readers == 0 && !old->log.in_use(); });
  retired_.push_back(std::move(segment));
}

io::Task<void> LogStore::remove_files(std::vector<std::string> paths) {
  io::FileSystem& files = shared_.files.file_system();
  for (std::string& path : paths) {
    auto removed = co_await files.remove(path);
    if (!removed.has_value() && removed.error() != IoError::not_found)
      logger_.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
  }
}

io::Task<void> LogStore::remove_later(std::vector<std::string> paths) {
  co_await reactor_.sleep_until(reactor_.now() + Duration::from_ms(settings_.file_delete_delay_ms));
  co_await remove_files(std::move(paths));
}

}  // namespace highwater::engine
