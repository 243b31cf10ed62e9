#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/quorum/quorum_core.h"
#include "engine/quorum/quorum_state_file.h"
#include "engine/storage/checkpoint_text.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

constexpr std::size_t small_file_max = 1 << 20;
constexpr std::size_t read_bytes = 1 << 20;

Failure unreadable(const std::string& file, io::IoError error) {
  return Failure{fmt::format("{} cannot be read ({})", file, io::io_error_text(error))};
}

Failure damaged(const std::string& file, const Failure& why) {
  return Failure{fmt::format("{} is damaged or foreign: {}; restore it from a copy of this directory", file, why.text)};
}

}  // namespace

std::string QuorumCore::log_directory() const { return options_.metadata_directory + "/__cluster_metadata-0"; }

io::Task<Result<void>> QuorumCore::load_election() {
  const std::string file = log_directory() + "/quorum-state";
  auto content = co_await reactor_.files().read_file(file, small_file_max);
  if (!content.has_value()) {
    if (content.error() == io::IoError::not_found) co_return Result<void>{};
    co_return std::unexpected(unreadable(file, content.error()));
  }
  auto state = parse_quorum_state(as_text(content->view()));
  if (!state.has_value()) co_return std::unexpected(damaged(file, state.error()));
  election_ = *state;
  co_return Result<void>{};
}

io::Task<Result<void>> QuorumCore::load_bootstrap() {
  const std::string file = options_.metadata_directory + "/bootstrap.checkpoint";
  auto content = co_await reactor_.files().read_file(file, snapshot_bytes_max);
  if (!content.has_value()) {
    // Only an empty log needs it.
    if (content.error() == io::IoError::not_found) co_return Result<void>{};
    co_return std::unexpected(unreadable(file, content.error()));
  }
  auto snapshot = parse_snapshot(content->view());
  if (!snapshot.has_value()) co_return std::unexpected(damaged(file, snapshot.error()));
  kept_.push_back(*content);
  bootstrap_ = {std::move(snapshot->records), fmt::format("the binary bootstrap metadata file: {}", file)};
  co_return Result<void>{};
}

io::Task<Result<void>> QuorumCore::load_snapshot(SnapshotId id) {
  const std::string file = fmt::format("{}/{}", log_directory(), snapshot_file_name(id));
  auto content = co_await reactor_.files().read_file(file, snapshot_bytes_max);
  if (!content.has_value()) co_return std::unexpected(unreadable(file, content.error()));
  auto snapshot = parse_snapshot(content->view());
  if (!snapshot.has_value()) co_return std::unexpected(damaged(file, snapshot.error()));
  if (snapshot->voters.has_value()) voters_ = std::move(snapshot->voters);
  if (id == bootstrap_snapshot) co_return Result<void>{};
  if (voters_.has_value()) voters_in_log_ = true;
  auto applied = loader_.on_batch(snapshot->records, {id.end_offset - 1, id.epoch, snapshot->last_contained_ms});
  if (!applied.has_value()) co_return std::unexpected(damaged(file, applied.error()));
  start_offset_ = id.end_offset;
  co_return applied;
}

io::Task<Result<void>> QuorumCore::load_snapshots() {
  const std::string folder = log_directory();
  auto entries = co_await reactor_.files().list(folder);
  if (!entries.has_value()) {
    if (entries.error() == io::IoError::not_found) co_return Result<void>{};
    co_return std::unexpected(unreadable(folder, entries.error()));
  }
  std::optional<SnapshotId> newest;
  for (const auto& entry : *entries) newest = std::max(newest, parse_snapshot_file_name(entry.name));
  if (newest.has_value()) co_return co_await load_snapshot(*newest);
  co_return Result<void>{};
}

// Where it is missing nothing is known to be on the disk, and a damaged batch counts as a torn tail.
io::Task<void> QuorumCore::load_recovery_point() {
  const std::string file = log_directory() + "/" + std::string(recovery_point_checkpoint_name);
  auto content = co_await reactor_.files().read_file(file, small_file_max);
  if (!content.has_value()) co_return;
  const auto offsets = parse_offset_checkpoint(as_text(content->view()));
  const auto own = offsets.has_value() ? offsets->find({"__cluster_metadata", 0}) : OffsetsByName::const_iterator{};
  if (offsets.has_value() && own != offsets->end()) {
    recovery_point_ = own->second;
  } else {
    log_.warn("{} is not understood; the log is recovered as if nothing were known of it", file);
  }
}

io::Task<Result<void>> QuorumCore::open_log() {
  configs::TopicSettings settings;
  settings.durability = configs::Durability::fsync;
  settings.segment_bytes = options_.segment_bytes;
  settings.cleanup_delete = false;
  LogStore::Deps deps{reactor_, shared_, counters_, log_};
  StoreListener& listener = *this;
  store_ = std::make_unique<LogStore>(deps, log_directory(), settings, listener);
  // As Kafka does: this log is always opened as if it had not been closed. What was on the disk must still be there.
  OpenPlan plan;
  plan.log_start = start_offset_;
  plan.recovery_point = recovery_point_;
  auto opened = co_await store_->open(plan);
  if (!opened.has_value()) co_return std::unexpected(opened.error());
  if (store_->end() < start_offset_) {
    // The snapshot is newer than what is left of the log.
    auto restarted = co_await store_->restart_at(start_offset_);
    if (!restarted.has_value()) co_return failure(fmt::format("{} cannot be restarted", log_directory()));
  }
  const Offset first = store_->start();
  if (first > start_offset_) {
    co_return failure(
        fmt::format("{} begins at offset {}, and no snapshot covers what was before; restore its "
                    ".checkpoint files",
                    log_directory(), first));
  }
  const std::string file = log_directory() + "/partition.metadata";
  auto present = co_await reactor_.files().read_file(file, small_file_max);
  if (present.has_value()) co_return Result<void>{};
  const std::string text = fmt::format("version: 0\ntopic_id: {}", metadata_topic_id.to_text());
  auto written = co_await reactor_.files().replace_file(file, Slice::copy_of(as_bytes(text)));
  if (!written.has_value()) co_return std::unexpected(unreadable(file, written.error()));
  co_return Result<void>{};
}

Result<void> QuorumCore::replay(ByteView batches) {
  records::BatchScanner scanner(batches);
  while (const auto raw = scanner.next()) {
    if (!raw->has_header()) return failure("a batch is not of format 2");
    auto batch = decode_metadata_batch(raw->view());
    if (!batch.has_value()) return std::unexpected(batch.error());
    // A batch may reach over the snapshot's end only from below, and Kafka cuts snapshots at batch ends.
    if (batch->end.offset < start_offset_) continue;
    if (batch->kraft_version.has_value()) {
      if (!voters_.has_value()) voters_.emplace();
      voters_->kraft_version = *batch->kraft_version;
    }
    if (batch->voters.has_value()) {
      if (!voters_.has_value()) voters_.emplace();
      voters_->voters = std::move(*batch->voters);
      voters_in_log_ = true;
    }
    auto applied = loader_.on_batch(batch->records, batch->end);
    if (!applied.has_value()) return applied;
  }
  if (scanner.end() != records::ScanEnd::clean) return failure("a batch is not whole");
  return {};
}

io::Task<Result<void>> QuorumCore::replay_log() {
  ReadLimits limits;
  limits.from = start_offset_;
  limits.upper = store_->end();
  limits.max_bytes = read_bytes;
  limits.first = ReadLimits::FirstBatch::whole;
  while (limits.from < limits.upper) {
    auto read = co_await store_->read(limits);
    if (!read.has_value()) co_return failure(fmt::format("{} cannot be read", log_directory()));
    if (read->next_offset <= limits.from) {
      co_return failure(fmt::format("{} has no batch at offset {}", log_directory(), limits.from));
    }
    for (const Slice& slice : read->slices) {
      auto replayed = replay(slice.view());
      if (!replayed.has_value()) co_return std::unexpected(damaged(log_directory(), replayed.error()));
    }
    limits.from = read->next_offset;
  }
  next_offset_ = store_->end();
  co_return Result<void>{};
}

raft::RaftStart QuorumCore::raft_start() const {
  raft::RaftStart start;
  start.self.key = {options_.controller.node, options_.directory_id};
  for (const auto& listener : options_.controller_listeners) {
    start.self.endpoints.push_back({listener.name, listener.host, listener.port});
  }
  if (voters_.has_value()) {
    start.voters = voters_->voters;
    start.kraft_version = voters_->kraft_version;
  } else if (options_.static_voters) {
    start.voters = {start.self};
  }
  start.voters_in_log = voters_in_log_;
  start.election = election_;
  start.log_end = next_offset_;
  start.log_epoch = std::max<Epoch>(loader_.tail_end().epoch, 0);
  return start;
}

io::Task<Result<void>> QuorumCore::load() {
  auto step = co_await load_election();
  if (step.has_value()) step = co_await load_bootstrap();
  if (step.has_value()) step = co_await load_snapshots();
  if (step.has_value()) {
    co_await load_recovery_point();
    step = co_await open_log();
  }
  if (step.has_value()) step = co_await replay_log();
  if (!step.has_value()) co_return step;
  if (!voters_.has_value() && !options_.static_voters) {
    co_return failure(
        fmt::format("{} names no voters: format the metadata directory with --standalone, or set "
                    "controller.quorum.voters",
                    log_directory()));
  }
  auto created = raft::Raft::create(raft_start());
  if (!created.has_value()) co_return std::unexpected(created.error());
  raft_.emplace(std::move(*created));
  co_return Result<void>{};
}

}  // namespace highwater::engine
