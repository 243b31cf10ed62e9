#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/quorum/quorum_core.h"
#include "engine/quorum/quorum_state_file.h"
#include "engine/storage/checkpoint_text.h"
#include "foundation/base/planted.h"
#include "machines/log/batch_facts.h"
#include "machines/metadata/features.h"
#include "machines/metadata/snapshot.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

// As of other logs (log.flush.offset.checkpoint.interval.ms).
constexpr Duration checkpoint_interval = Duration::from_ms(60'000);

}  // namespace

io::Task<Result<void>> QuorumCore::persist_election(raft::ElectionState state) {
  std::vector<NodeId> voters;
  for (const auto& voter : raft_->voters()) voters.push_back(voter.key.id);
  const std::string file = log_directory() + "/quorum-state";
  const std::string text = print_quorum_state(state, raft_->kraft_version(), voters);
  auto written = co_await reactor_.files().replace_file(file, Slice::copy_of(as_bytes(text)));
  if (written.has_value()) co_return Result<void>{};
  co_return failure(fmt::format("{} cannot be written ({})", file, io::io_error_text(written.error())));
}

io::Task<Result<void>> QuorumCore::lead() {
  raft_->campaign();
  std::optional<raft::EpochStart> begin;
  while (!begin.has_value()) {
    auto output = raft_->take_output();
    begin = std::move(output.to_append);
    if (!output.to_persist.has_value()) continue;
    auto persisted = co_await persist_election(*output.to_persist);
    if (!persisted.has_value()) co_return persisted;
    raft_->on_persisted();
  }
  store_->admission().become_leader(raft_->epoch());
  const BatchPlace place = next_place();
  BatchBytes bytes = encode_epoch_start(place, *begin);
  if (begin->kraft_version.has_value()) ground_->loader.on_kraft_version(*begin->kraft_version);
  const metadata::BatchEnd end{records::BatchView(bytes).last_offset(), place.epoch, place.timestamp_ms};
  auto applied = ground_->loader.on_batch({}, end);
  if (!applied.has_value()) co_return applied;
  write_batch(std::move(bytes));
  co_return co_await activate();
}

io::Task<Result<void>> QuorumCore::activate() {
  auto activation = controller::activation_records(ground_->loader, bootstrap_,
                                                   options_.controller.topic_defaults.min_insync_replicas);
  if (!activation.has_value()) co_return std::unexpected(activation.error());
  log_.info("{}", activation->sentence);
  if (!activation->records.empty()) {
    BatchBytes bytes = encode_records_batch(next_place(), activation->records);
    const records::BatchView view(bytes);
    auto applied =
        ground_->loader.on_batch(activation->records, {view.last_offset(), view.leader_epoch(), view.max_timestamp()});
    if (!applied.has_value()) co_return applied;
    write_batch(std::move(bytes));
  }
  auto publication = ground_->loader.publish();
  HW_CHECK(publication.has_value());
  ground_->controller.activate(publication->image, reactor_.now());
  pending_.push_back({next_offset_, 0, std::move(publication), {}});
  active_ = true;
  register_controller();
  start_committing();
  auto everywhere = applied_everywhere(next_offset_ - 1);
  co_await std::move(everywhere);
  if (!fenced_.empty()) co_return failure(fenced_);
  co_return Result<void>{};
}

void QuorumCore::register_controller() {
  if (!metadata::has_controller_registration(ground_->controller.image().metadata_version())) return;
  metadata::ControllerImage self;
  self.id = options_.controller.node;
  self.incarnation = options_.incarnation;
  self.listeners = options_.controller_listeners;
  self.features = metadata::supported_ranges();
  propose({{metadata::register_controller_record(self)}, controller::Atomicity::atomic});
}

void QuorumCore::write_batch(BatchBytes bytes) {
  records::BatchScanner scanner(bytes);
  const auto batch = scanner.next();
  HW_CHECK(batch.has_value());
  store_->append(bytes, log::facts_of(*batch));
  next_offset_ = batch->view().last_offset() + 1;
  raft_->on_appended(next_offset_);
}

// What this node itself has to write.
void QuorumCore::propose(Wish wish) {
  HW_CHECK(!away_);
  if (!active_ || !store_->ready()) return;
  write(draft(*ground_, next_place(), wish), {});
}

void QuorumCore::write(Draft draft, std::unique_ptr<Question> question) {
  if (draft.fit == Draft::Fit::too_large) return end(std::move(question), Ending::too_large);
  const bool raises = draft.kraft_version.has_value();
  if (draft.batches.empty() && !raises) {
    // The answer speaks of the newest image: it waits until that is committed.
    if (pending_.empty()) return end(std::move(question), Ending::committed);
    pending_.push_back({next_offset_, 0, std::nullopt, std::move(question)});
    return;
  }
  for (Draft::Batch& batch : draft.batches) {
    const bool is_last = &batch == &draft.batches.back() && !raises;
    const std::uint64_t size = batch.bytes.size();
    write_batch(std::move(batch.bytes));
    if (HW_PLANTED("metadata_shown_before_commit") && batch.publication.has_value())
      publish(*std::exchange(batch.publication, {}));
    pending_.push_back({next_offset_, size, std::move(batch.publication),
                        is_last ? std::move(question) : std::unique_ptr<Question>()});
  }
  if (raises) raise_kraft_version(*draft.kraft_version, std::move(question));
  start_committing();
}

// Voters are known on this core alone: this is not part of what a worker drafts.
void QuorumCore::raise_kraft_version(std::int16_t level, std::unique_ptr<Question> question) {
  BatchBytes bytes = encode_version_raise(next_place(), raft_->raise_kraft_version(level));
  const std::uint64_t size = bytes.size();
  const records::BatchView view(bytes);
  ground_->loader.on_kraft_version(level);
  auto applied = ground_->loader.on_batch({}, {view.last_offset(), view.leader_epoch(), view.max_timestamp()});
  HW_CHECK(applied.has_value());
  auto publication = ground_->loader.publish();
  if (publication.has_value()) ground_->controller.on_image(publication->image, *publication->delta);
  write_batch(std::move(bytes));
  pending_.push_back({next_offset_, size, std::move(publication), std::move(question)});
  log_.info("kraft.version rises to {}: the voters are in the log from offset {} on", level, next_offset_ - 1);
}

void QuorumCore::start_committing() {
  if (committing_ || pending_.empty()) return;
  committing_ = true;
  tasks_.spawn(commit_loop());
}

io::Task<void> QuorumCore::commit_loop() {
  while (!pending_.empty() && fenced_.empty()) {
    const Offset end = next_offset_;
    if (HW_PLANTED("metadata_answer_before_fsync")) release(end);
    auto flushed = co_await store_->flush();
    if (!flushed.has_value() && flushed.error() == StoreError::rolled_back) {
      // What it took with it was told so; what is left goes on.
      auto ready = store_ready();
      co_await std::move(ready);
      continue;
    }
    if (!flushed.has_value()) {
      fail(fmt::format("the metadata log in {} cannot be written", log_directory()));
      break;
    }
    raft_->on_durable(end);
    raft_->take_output();
    if (raft_->high_watermark().has_value()) release(*raft_->high_watermark());
  }
  committing_ = false;
  if (drained_.pending()) drained_.complete({});
}

void QuorumCore::release(Offset high_watermark) {
  while (!pending_.empty() && pending_.front().end <= high_watermark) {
    Pending next = std::move(pending_.front());
    pending_.pop_front();
    schedule_.add(next.bytes);
    if (next.publication.has_value()) publish(*next.publication);
    end(std::move(next.question), Ending::committed);
  }
  snapshot_if_due();
}

void QuorumCore::publish(const metadata::Publication& publication) {
  for (CoreIndex core = 1; core < cores_.count(); ++core) {
    cores_.post(core, [publisher = publishers_[core], publication, cores = &cores_, progress = progress_, core] {
      publisher->publish(publication.image, *publication.delta);
      cores->post(0, [progress, core, offset = publication.image->offset()] { progress->note(core, offset); });
    });
  }
  publishers_[0]->publish(publication.image, *publication.delta);
  progress_->note(0, publication.image->offset());
}

// NoOp records keep the log's time and the lag of observers moving; sessions run out by the clock.
io::Task<void> QuorumCore::housekeeping() {
  Instant next_no_op = reactor_.now() + options_.idle_interval;
  const bool writes_no_ops = options_.idle_interval.nanoseconds > 0;
  // With nobody to watch, look again once per session.
  const Duration longest = options_.controller.session_timeout;
  controller::Controller& controller = ground_->controller;
  while (active_) {
    Instant wake = std::min(controller.next_deadline() + Duration::from_ms(1), reactor_.now() + longest);
    if (writes_no_ops) wake = std::min(wake, next_no_op);
    co_await reactor_.sleep_until(wake);
    while (away_) {
      auto returned = ground_returned();
      co_await std::move(returned);
    }
    if (!active_) break;
    const Instant now = reactor_.now();
    for (auto records = controller.tick(now); !records.empty(); records = controller.tick(now)) {
      propose({std::move(records), controller::Atomicity::divisible});
    }
    if (!writes_no_ops || now < next_no_op) continue;
    next_no_op = now + options_.idle_interval;
    if (now < out_of_space_until_) continue;
    propose({{{messages::NoOpRecord{}, 0}}, controller::Atomicity::atomic});
  }
}

io::Task<void> QuorumCore::write_recovery_point(Offset durable_end) {
  const std::string file = log_directory() + "/" + std::string(recovery_point_checkpoint_name);
  OffsetsByName offsets;
  offsets[{"__cluster_metadata", 0}] = durable_end;
  const std::string text = offset_checkpoint_text(offsets);
  auto written = co_await reactor_.files().replace_file(file, Slice::copy_of(as_bytes(text)));
  if (written.has_value()) {
    recovery_point_ = durable_end;
  } else {
    log_.warn("{} cannot be written ({}); the next start recovers more than it would have to", file,
              io::io_error_text(written.error()));
  }
}

io::Task<void> QuorumCore::checkpoint_rounds() {
  while (active_) {
    const Offset durable = high_watermark();
    if (durable > recovery_point_) co_await write_recovery_point(durable);
    co_await reactor_.sleep_until(reactor_.now() + checkpoint_interval);
  }
}

void QuorumCore::fail(std::string reason) {
  if (!fenced_.empty()) return;
  active_ = false;
  fenced_ = std::move(reason);
  log_.error("The controller stops: {}", fenced_);
  auto refused = std::exchange(pending_, {});
  for (Pending& each : refused) {
    end(std::move(each.question), Ending::failed);
  }
  for (auto& waiter : std::exchange(progress_->waiters, {})) waiter.second.complete({});
  if (store_ready_.pending()) store_ready_.complete({});
  if (fenced_promise_.pending()) fenced_promise_.complete(fenced_);
}

void QuorumCore::on_fenced(const std::string& reason) {
  fail(fmt::format("the metadata log in {} is in doubt: {}", log_directory(), reason));
}

}  // namespace highwater::engine
