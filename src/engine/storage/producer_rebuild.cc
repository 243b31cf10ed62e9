#include "engine/storage/producer_rebuild.h"

#include <algorithm>
#include <utility>

#include "engine/storage/file_names.h"
#include "engine/storage/segment_scanner.h"
#include "machines/log/producer_snapshot.h"

namespace highwater::engine {

namespace {

// A million producers of 46 bytes, the most that a table holds.
constexpr std::size_t snapshot_bytes_max = std::size_t{64} << 20;

}  // namespace

io::Task<io::IoStatus> ProducerRebuild::run(log::Admission& admission,
                                            const std::vector<std::unique_ptr<Segment>>& segments, Offset end) {
  auto loaded = co_await load_newest(admission, segments, end);
  if (!loaded.has_value()) co_return loaded;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Offset covered = admission.producers().end_offset();
    const bool last = i + 1 == segments.size();
    if (covered >= end) break;
    if (!last && segments[i + 1]->base <= covered) continue;
    auto replayed = co_await replay(admission, *segments[i], end);
    if (!replayed.has_value()) co_return replayed;
  }
  admission.mutable_producers().set_end_offset(end);
  co_return io::IoStatus{};
}

// Snapshots that no later start can use, oldest first in `snapshots`: of those that begin no segment only one behind
// the last segment's base counts, the newest. Every clean stop leaves one (ProducerStateManager.removeStraySnapshots).
void ProducerRebuild::leave_out_strays(std::vector<Offset>& snapshots,
                                       const std::vector<std::unique_ptr<Segment>>& segments) {
  std::vector<Offset> kept;
  for (const Offset at : snapshots) {
    const auto segment = std::ranges::lower_bound(segments, at, {}, [](const auto& one) { return one->base; });
    const bool behind_all = segment == segments.end();
    if ((behind_all && at == snapshots.back()) || (!behind_all && (*segment)->base == at)) {
      kept.push_back(at);
    } else {
      useless_.push_back(join_path(directory_, offset_file_name(at, suffix::snapshot)));
    }
  }
  snapshots = std::move(kept);
}

io::Task<io::IoStatus> ProducerRebuild::remove_useless() {
  for (std::string& path : std::exchange(useless_, {})) {
    auto removed = co_await deps_.files.file_system().remove(std::move(path));
    if (!removed.has_value()) co_return removed;
  }
  co_return io::IoStatus{};
}

io::Task<io::IoStatus> ProducerRebuild::load_newest(log::Admission& admission,
                                                    const std::vector<std::unique_ptr<Segment>>& segments, Offset end) {
  auto listed = co_await deps_.files.list(directory_);
  if (!listed.has_value()) co_return std::unexpected(listed.error());
  std::vector<Offset> snapshots;
  for (const io::DirectoryEntry& entry : *listed) {
    const auto name = parse_offset_file_name(entry.name);
    if (!name.has_value() || name->suffix != suffix::snapshot) continue;
    if (name->offset <= end) {
      snapshots.push_back(name->offset);
    } else {
      useless_.push_back(join_path(directory_, entry.name));
    }
  }
  log::ProducerTable& producers = admission.mutable_producers();
  std::ranges::sort(snapshots);
  leave_out_strays(snapshots, segments);
  std::ranges::reverse(snapshots);
  for (const Offset at : snapshots) {
    const std::string path = join_path(directory_, offset_file_name(at, suffix::snapshot));
    auto content = co_await deps_.files.read_file(path, snapshot_bytes_max);
    if (!content.has_value()) co_return std::unexpected(content.error());
    producers.reset(at);
    if (log::load_snapshot(content->view(), at, deps_.reactor.wall_now(), expiration_ms_, producers).has_value()) {
      producers.set_end_offset(at);
      co_return io::IoStatus{};
    }
    deps_.logger.warn("The producer snapshot {} is damaged; removing it and using an older one", path);
    useless_.push_back(path);
  }
  producers.reset(admission.log_start());
  co_return io::IoStatus{};
}

io::Task<io::IoStatus> ProducerRebuild::replay(log::Admission& admission, Segment& segment, Offset end) {
  const Offset covered = admission.producers().end_offset();
  const std::uint64_t from = segment.indexes_loaded() ? segment.offsets.lookup(covered).position : 0;
  SegmentScanner scanner(deps_.reactor, segment.log, from, segment.written);
  for (;;) {
    auto more = co_await scanner.load();
    if (!more.has_value()) co_return std::unexpected(more.error());
    if (!*more) co_return io::IoStatus{};
    while (const auto batch = scanner.next()) {
      const log::BatchFacts facts = log::facts_of(*batch);
      if (facts.last_offset < covered) continue;
      if (facts.base_offset >= end) co_return io::IoStatus{};
      if (facts.last_offset >= end) {
        // No checksum covers a base offset. Who reads here is told; nothing behind it is to be believed.
        deps_.logger.error("{} is damaged: the batch at byte {} goes on behind offset {}", segment.log.path(),
                           scanner.batch_position(), end);
        co_return io::IoStatus{};
      }
      if (batch->is_current()) admission.apply_producers_only(facts);
    }
  }
}

}  // namespace highwater::engine
