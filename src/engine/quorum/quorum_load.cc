#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/quorum/quorum_core.h"
#include "engine/quorum/quorum_state_file.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "machines/metadata/features.h"
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

Failure wrong_level(const std::string& place, std::string_view feature, std::int16_t level,
                    const metadata::FeatureRange& known) {
  return Failure{
      fmt::format("{}: {} is at level {}, this release knows {} to {}; start a release that knows it, nothing was "
                  "changed",
                  place, feature, level, known.lowest, known.highest)};
}

metadata::FeatureRange known_levels(std::string_view feature) {
  const auto ranges = metadata::supported_ranges();
  const auto found = ranges.find(std::string(feature));
  return found == ranges.end() ? metadata::FeatureRange{} : found->second;
}

Result<void> check_level(const std::string& place, std::string_view feature, std::int16_t level) {
  const metadata::FeatureRange known = known_levels(feature);
  if (level == 0 || (level >= known.lowest && level <= known.highest)) return {};
  return std::unexpected(wrong_level(place, feature, level, known));
}

}  // namespace

// A level above ours changes what records mean; one that is gone from this release we do not write any more.
Result<void> QuorumCore::check_features() const {
  for (const auto& [feature, level] : ground_->loader.tail().feature_levels()) {
    auto checked = check_level(log_directory(), feature, level);
    if (!checked.has_value()) return checked;
  }
  for (const auto& record : bootstrap_.records) {
    const auto* feature = std::get_if<messages::FeatureLevelRecord>(&record.value);
    if (feature == nullptr) continue;
    auto checked = check_level(options_.metadata_directory + "/bootstrap.checkpoint", feature->name.view(),
                               feature->feature_level);
    if (!checked.has_value()) return checked;
  }
  if (!voters_.has_value()) return {};
  return check_level(log_directory(), metadata::kraft_version_feature, voters_->kraft_version);
}

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

// The newest one counts, and never quietly an older one instead: what is in between may be gone from the log.
std::string QuorumCore::damaged_snapshot(SnapshotId id, const std::string& why) const {
  return fmt::format(
      "{} is damaged or foreign: {}; restore it from a copy of this directory (only if the log still begins at or "
      "below the end of an older snapshot, this file can be moved away instead)",
      snapshots_.path(id), why);
}

io::Task<Result<void>> QuorumCore::load_snapshot(SnapshotId id) {
  const std::string file = snapshots_.path(id);
  auto content = co_await reactor_.files().read_file(file, snapshot_bytes_max);
  if (!content.has_value()) co_return std::unexpected(unreadable(file, content.error()));
  auto snapshot = parse_snapshot(content->view());
  if (!snapshot.has_value()) co_return failure(damaged_snapshot(id, snapshot.error().text));
  if (snapshot->voters.has_value()) {
    ground_->loader.on_kraft_version(snapshot->voters->kraft_version);
    voters_ = std::move(snapshot->voters);
  }
  if (id == bootstrap_snapshot) co_return Result<void>{};
  if (voters_.has_value()) voters_in_log_ = true;
  auto applied =
      ground_->loader.on_batch(snapshot->records, {id.end_offset - 1, id.epoch, snapshot->last_contained_ms});
  if (!applied.has_value()) co_return failure(damaged_snapshot(id, applied.error().text));
  start_offset_ = id.end_offset;
  co_return applied;
}

io::Task<Result<void>> QuorumCore::load_snapshots() {
  auto opened = co_await snapshots_.open();
  if (!opened.has_value()) co_return opened;
  const auto newest = snapshots_.newest();
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

// Of another log than this one: what was put here by mistake must not be continued.
io::Task<Result<void>> QuorumCore::check_topic_id() {
  const std::string file = log_directory() + "/" + std::string(partition_metadata_name);
  auto content = co_await reactor_.files().read_file(file, small_file_max);
  if (!content.has_value()) co_return Result<void>{};
  const std::string_view text = as_text(content->view());
  constexpr std::string_view key = "topic_id: ";
  const auto at = text.find(key);
  std::string_view found = at == std::string_view::npos ? std::string_view() : text.substr(at + key.size());
  found = found.substr(0, found.find_first_of(" \r\n"));
  if (found == metadata_topic_id.to_text()) co_return Result<void>{};
  co_return failure(fmt::format("{} names topic id '{}', the metadata log has {}; nothing was changed", file, found,
                                metadata_topic_id.to_text()));
}

io::Task<Result<void>> QuorumCore::open_log() {
  configs::TopicSettings settings;
  settings.durability = configs::Durability::fsync;
  settings.segment_bytes = options_.segment_bytes;
  settings.segment_ms = options_.segment_ms;
  settings.cleanup_delete = false;
  LogStore::Deps deps{reactor_, shared_, counters_, log_};
  StoreListener& listener = *this;
  store_ = std::make_unique<LogStore>(deps, log_directory(), settings, listener);
  // As Kafka does: this log is always opened as if it had not been closed. What was on the disk must still be there.
  OpenPlan plan;
  plan.recovery_point = recovery_point_;
  plan.covered = start_offset_;
  auto opened = co_await store_->open(plan);
  if (!opened.has_value()) co_return std::unexpected(opened.error());
  if (store_->end() < start_offset_) {
    // The snapshot is newer than what is left of the log, which is of no use then.
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
  co_await snapshots_.remove_leftovers(first);
  const std::string file = log_directory() + "/" + std::string(partition_metadata_name);
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
      ground_->loader.on_kraft_version(*batch->kraft_version);
      if (!voters_.has_value()) voters_.emplace();
      voters_->kraft_version = *batch->kraft_version;
    }
    if (batch->voters.has_value()) {
      if (!voters_.has_value()) voters_.emplace();
      voters_->voters = std::move(*batch->voters);
      voters_in_log_ = true;
    }
    auto applied = ground_->loader.on_batch(batch->records, batch->end);
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
      schedule_.add(slice.size());
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
  start.log_epoch = std::max<Epoch>(ground_->loader.tail_end().epoch, 0);
  return start;
}

io::Task<Result<void>> QuorumCore::load() {
  auto step = co_await check_topic_id();
  if (step.has_value()) step = co_await load_election();
  if (step.has_value()) step = co_await load_bootstrap();
  if (step.has_value()) step = co_await load_snapshots();
  if (step.has_value()) {
    co_await load_recovery_point();
    step = co_await open_log();
  }
  if (step.has_value()) step = co_await replay_log();
  if (step.has_value()) step = check_features();
  if (!step.has_value()) co_return step;
  if (!voters_.has_value() && !options_.static_voters) {
    co_return failure(
        fmt::format("{} names no voters. A new node is formatted with --standalone, or with controller.quorum.voters "
                    "set. A node that had topics needs this directory back from a copy: without it they belong to no "
                    "cluster",
                    log_directory()));
  }
  auto created = raft::Raft::create(raft_start());
  if (!created.has_value()) co_return std::unexpected(created.error());
  raft_.emplace(std::move(*created));
  co_return Result<void>{};
}

}  // namespace highwater::engine
