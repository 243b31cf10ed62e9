// Recovery of a log that was not closed cleanly: what the recovery point does not cover is read batch by batch, and the
// log ends where the first one is not whole.
#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/file_names.h"
#include "engine/storage/log_loader.h"
#include "engine/storage/producer_rebuild.h"
#include "engine/storage/segment_scanner.h"
#include "protocol/records/legacy.h"

namespace highwater::engine {

using io::IoError;

const char* LogLoader::damage_of(const records::RawBatch& batch, const Segment& segment, Offset end) {
  if (!batch.is_current()) {
    const records::LegacyView entry(batch.bytes);
    if (!entry.well_formed()) return "malformed entry";
    if (!entry.crc_ok()) return "wrong checksum";
  } else {
    if (!batch.has_header()) return "shorter than a batch header";
    const records::BatchView view = batch.view();
    if (!view.crc_ok()) return "wrong checksum";
    if (view.last_offset_delta() < 0) return "offsets run backwards";
  }
  const log::BatchFacts facts = log::facts_of(batch);
  if (facts.base_offset < end && batch.is_current()) return "its offsets are taken";
  if (facts.last_offset < end) return "its offsets are taken";
  if (facts.last_offset - segment.base > log::relative_offset_max)
    return "its offset is too far from the segment's base";
  return nullptr;
}

void LogLoader::note_aborted(Segment& segment, const log::Admission::Applied& applied) {
  if (!applied.completed.has_value() || applied.completed->outcome != log::TxnOutcome::abort) return;
  const log::CompletedTxn& txn = *applied.completed;
  segment.aborted.append({txn.producer_id, txn.first_offset, txn.last_offset, txn.last_stable_offset});
}

io::Task<Result<Offset>> LogLoader::recover() {
  auto& segments = store_.segments_;
  std::size_t from = segments.size() - 1;
  while (from > 0 && segments[from]->base > plan_.recovery_point) --from;
  // Of the others they are made anew; what a crash left of their files counts for nothing.
  auto aborted = co_await load_aborted(from);
  if (!aborted.has_value()) co_return std::unexpected(aborted.error());
  log::EpochCache epochs = store_.admission_.epochs();
  epochs.truncate_from_end(segments[from]->base);
  store_.admission_ =
      log::Admission(std::min(store_.admission_.log_start(), segments[from]->base), segments[from]->base);
  store_.admission_.mutable_epochs() = std::move(epochs);
  ProducerRebuild::Deps deps{store_.reactor_, store_.shared_.files, store_.logger_};
  ProducerRebuild rebuild(deps, store_.directory_, store_.shared_.producer_expiration_ms);
  auto producers = co_await rebuild.run(store_.admission_, segments, segments[from]->base);
  if (!producers.has_value()) co_return std::unexpected(broken(store_.directory_, producers.error()));
  for (std::size_t i = from; i < segments.size(); ++i) {
    Segment& segment = *segments[i];
    store_.logger_.info("Recovering segment {}", segment.log.path());
    if (i > from) {
      Slice snapshot = co_await store_.encode_producers();
      auto saved = co_await store_.shared_.files.replace_file(segment.path(suffix::snapshot), std::move(snapshot));
      if (!saved.has_value()) co_return std::unexpected(broken(segment.path(suffix::snapshot), saved.error()));
    }
    auto valid = co_await recover_segment(segment);
    if (!valid.has_value()) co_return std::unexpected(valid.error());
    // Not before the first is read: it is the one that can be damaged below the recovery point.
    auto removed = co_await rebuild.remove_useless();
    if (!removed.has_value()) co_return std::unexpected(broken(store_.directory_, removed.error()));
    ++report_.recovered_segments;
    const bool torn = *valid < segment.written;
    if (torn) {
      auto cut = co_await cut_at(i, *valid);
      if (!cut.has_value()) co_return std::unexpected(cut.error());
    }
    segment.finish_times();
    auto rewritten = co_await write_again(segment);
    if (!rewritten.has_value()) co_return std::unexpected(rewritten.error());
    segment.synced = 0;
    auto synced = co_await store_.sync_segment(segment);
    if (!synced.has_value()) co_return std::unexpected(broken(segment.log.path(), synced.error()));
    if (segment.sealed) {
      auto indexed = co_await store_.write_indexes(segment);
      if (!indexed.has_value()) co_return std::unexpected(broken(segment.log.path(), indexed.error()));
      // Only now: other logs that are loaded meanwhile may push them out.
      segment.indexes_are_loaded(Segment::Eviction::allowed);
    }
    if (torn) break;
  }
  // A killed process may have named its files without syncing the names.
  auto named = co_await store_.shared_.files.file_system().sync_directory(store_.directory_);
  if (!named.has_value()) co_return std::unexpected(broken(store_.directory_, named.error()));
  co_return store_.admission_.log_end();
}

io::Task<Result<std::uint64_t>> LogLoader::recover_segment(Segment& segment) {
  const std::uint64_t file_size = segment.written;
  segment.reset();
  segment.indexes_are_loaded(Segment::Eviction::never);
  SegmentScanner scanner(store_.reactor_, segment.log, 0, file_size);
  const char* why = nullptr;
  while (why == nullptr) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(broken(segment.log.path(), more.error()));
    if (!*more) break;
    while (const auto batch = scanner.next()) {
      why = damage_of(*batch, segment, store_.end());
      if (why != nullptr) break;
      const log::BatchFacts facts = log::facts_of(*batch);
      segment.note(facts, store_.segment_rules());
      const log::Admission::Applied applied = store_.admission_.apply(facts);
      if (applied.epochs_changed) store_.epochs_dirty_ = true;
      note_aborted(segment, applied);
    }
  }
  const std::uint64_t valid = why == nullptr ? scanner.position() : scanner.batch_position();
  if (valid != file_size) {
    if (why == nullptr) why = "incomplete";
    const Offset end = store_.admission_.log_end();
    if (end < plan_.recovery_point)
      co_return std::unexpected(damaged(
          fmt::format("{} is damaged at byte {} ({}), where offset {} should be, although everything below {} was "
                      "flushed; nothing was cut",
                      segment.log.path(), valid, why, end, plan_.recovery_point)));
    store_.logger_.warn("{} holds no valid batch at byte {} of {} ({}): the log ends at offset {}", segment.log.path(),
                        valid, file_size, why, end);
  } else {
    // No segment behind the one with the recovery point fills such a hole. Compaction may have made it.
    const bool may_be_compacted = store_.settings_.cleanup_compact && &segment != store_.segments_.back().get();
    const Offset end = store_.admission_.log_end();
    if (lost_below_recovery_point(end) && !may_be_compacted)
      co_return std::unexpected(ends_too_early(segment.log.path(), end));
  }
  // Not before it is known that the log opens: of a damaged one nothing changes.
  auto stale = co_await remove(segment.path(suffix::txn_index));
  if (!stale.has_value()) co_return std::unexpected(stale.error());
  co_return valid;
}

// After a failed sync the kernel calls pages clean that the disk never got, and goes on showing them: what was read
// here proves nothing, and no later sync would write it. So what the recovery point does not cover is written anew.
io::Task<Result<void>> LogLoader::write_again(Segment& segment) {
  std::uint64_t position = 0;
  if (segment.base < plan_.recovery_point) position = segment.offsets.lookup(plan_.recovery_point).position;
  while (position < segment.written) {
    auto file = co_await segment.log.use();
    if (!file.has_value()) co_return std::unexpected(broken(segment.log.path(), file.error()));
    const std::size_t length = std::min<std::uint64_t>(SegmentScanner::window_bytes, segment.written - position);
    auto bytes = co_await (*file)->read(position, length);
    if (!bytes.has_value()) co_return std::unexpected(broken(segment.log.path(), bytes.error()));
    if (bytes->empty()) co_return std::unexpected(broken(segment.log.path(), IoError::other));
    std::vector<Slice> slices(1, *bytes);
    auto wrote = co_await (*file)->write(position, std::move(slices));
    if (!wrote.has_value()) co_return std::unexpected(broken(segment.log.path(), wrote.error()));
    position += bytes->size();
  }
  co_return Result<void>{};
}

// Everything from there on was never flushed.
io::Task<Result<void>> LogLoader::cut_at(std::size_t index, std::uint64_t position) {
  auto& segments = store_.segments_;
  Segment& segment = *segments[index];
  report_.truncated_bytes += segment.written - position;
  {
    auto file = co_await segment.log.use();
    if (!file.has_value()) co_return std::unexpected(broken(segment.log.path(), file.error()));
    auto cut = co_await (*file)->truncate(position);
    if (!cut.has_value()) co_return std::unexpected(broken(segment.log.path(), cut.error()));
  }
  segment.written = position;
  segment.sealed = false;
  std::vector<std::string> paths;
  while (segments.size() > index + 1) {
    report_.truncated_bytes += segments.back()->written;
    store_.retire(std::move(segments.back()), paths);
    segments.pop_back();
  }
  for (std::string& path : paths) {
    auto removed = co_await remove(std::move(path));
    if (!removed.has_value()) co_return removed;
  }
  auto synced = co_await store_.shared_.files.sync_directory(store_.directory_);
  if (!synced.has_value()) co_return std::unexpected(broken(store_.directory_, synced.error()));
  co_return Result<void>{};
}

// Segments that were begun when space ran out or the node died. In a compacted log the last one stands for the end
// instead: what was before it may be gone.
io::Task<Result<Offset>> LogLoader::drop_empty_segments(Offset end) {
  auto& segments = store_.segments_;
  std::size_t active = segments.size() - 1;
  while (active > 0 && segments[active]->written == 0 && segments[active]->base > end) --active;
  if (active + 1 == segments.size()) co_return end;
  if (store_.settings_.cleanup_compact) {
    log::EpochCache epochs = store_.admission_.epochs();
    end = segments.back()->base;
    store_.admission_ = log::Admission(store_.admission_.log_start(), end);
    store_.admission_.mutable_epochs() = std::move(epochs);
    auto producers = co_await store_.rebuild_producers();
    if (!producers.has_value()) co_return std::unexpected(broken(store_.directory_, producers.error()));
    co_return end;
  }
  // Others may have pushed its indexes out since they were made, and must not do so from now on.
  auto loaded = co_await store_.load_indexes(*segments[active]);
  if (!loaded.has_value()) co_return std::unexpected(broken(segments[active]->log.path(), loaded.error()));
  segments[active]->indexes_are_loaded(Segment::Eviction::never);
  auto cut = co_await cut_at(active, segments[active]->written);
  if (!cut.has_value()) co_return std::unexpected(cut.error());
  co_return end;
}

}  // namespace highwater::engine
