#include "engine/partition/partition.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "foundation/base/check.h"

namespace highwater::engine {

Partition::Partition(Deps deps, Identity identity, const configs::TopicSettings& settings, std::uint64_t inflated_max)
    : reactor_(deps.reactor),
      counters_(deps.counters),
      appends_(deps.appends),
      events_(deps.events),
      logger_(deps.logger),
      identity_(std::move(identity)),
      name_(partition_directory_name(identity_.topic, identity_.id.index)),
      inflated_max_(inflated_max),
      rules_(rules_of(settings, inflated_max)),
      shelf_(deps.shared.shelf),
      store_({deps.reactor, deps.shared, deps.store_counters, deps.logger}, identity_.path, settings, *this),
      tasks_(deps.reactor.ready()) {}

Partition::~Partition() = default;

io::Task<Result<OpenReport, OpenFailure>> Partition::open(OpenPlan plan, std::optional<Offset> high_watermark) {
  auto opened = co_await store_.open(plan);
  if (!opened.has_value()) {
    logger_.error("Partition {}-{} is offline: {}", identity_.topic, identity_.id.index, opened.error().text);
    co_return opened;
  }
  high_watermark_ = std::clamp(high_watermark.value_or(store_.start()), store_.start(), store_.end());
  store_.admission().mutable_producers().on_high_watermark(high_watermark_);
  if (failed_)
    co_return std::unexpected(OpenFailure{{fmt::format("the directory of {} failed while it was opened", name_)}});
  online_ = true;
  co_return opened;
}

void Partition::assign(const Assignment& assignment) {
  if (!online_ || resigned_ || assignment.leader_epoch < leader_epoch_) return;
  if (assignment.leader_epoch == leader_epoch_ && leader_.has_value() && assignment.leader == identity_.self) {
    leader_->on_in_sync(assignment.in_sync);
    settle();
    return;
  }
  leader_epoch_ = assignment.leader_epoch;
  if (leader_.has_value()) {
    leader_->on_taken_back(-1);
    const replica::Leader::Output output = leader_->take_output();
    leader_.reset();
    for (const replica::Answered& answered : output.answers)
      appends_.on_answered(answered.ticket, ErrorCode::not_leader_or_follower);
  }
  if (assignment.leader == identity_.self) {
    if (store_.admission().become_leader(leader_epoch_)) store_.note_epochs_changed();
    replica::Leader::Start start;
    start.self = identity_.self;
    start.replicas = assignment.replicas;
    start.in_sync = assignment.in_sync;
    start.min_in_sync = store_.settings().min_insync_replicas;
    start.high_watermark = high_watermark_;
    start.committed_end = store_.committed_end();
    start.epoch_start = store_.end();
    leader_.emplace(std::move(start));
    settle();
  }
  events_.on_news(*this);
}

void Partition::configure(const configs::TopicSettings& settings) {
  store_.configure(settings);
  rules_ = rules_of(settings, inflated_max_);
  if (leader_.has_value()) {
    leader_->on_min_in_sync(settings.min_insync_replicas);
    settle();
  }
}

void Partition::resign() {
  resigned_ = true;
  if (validating_) {
    AppendJob validated;
    validated.ticket = validating_ticket_;
    refuse(validated, ErrorCode::not_leader_or_follower);
  }
  for (const AppendJob& job : std::exchange(queue_, {})) refuse(job, ErrorCode::not_leader_or_follower);
  if (leader_.has_value()) {
    leader_->on_taken_back(-1);
    const replica::Leader::Output output = leader_->take_output();
    leader_.reset();
    for (const replica::Answered& answered : output.answers)
      appends_.on_answered(answered.ticket, ErrorCode::not_leader_or_follower);
  }
  events_.on_news(*this);
}

io::Task<Result<void, StoreError>> Partition::close(std::vector<io::NewFile>& last) {
  if (!online_) co_return std::unexpected(StoreError::fenced);
  auto closed = co_await store_.close_but_for(last);
  if (closed.has_value()) online_ = false;
  co_return closed;
}

void Partition::forget(replica::TicketId ticket) {
  if (leader_.has_value()) leader_->forget(ticket);
  std::erase_if(queue_, [ticket](const AppendJob& job) { return job.ticket == ticket; });
}

Offset Partition::last_stable_offset() const { return store_.admission().last_stable_offset(high_watermark_); }

ErrorCode Partition::check_leader(Epoch callers_epoch) const {
  if (!online_) return ErrorCode::kafka_storage_error;
  if (callers_epoch != no_epoch && callers_epoch < leader_epoch_) return ErrorCode::fenced_leader_epoch;
  if (callers_epoch != no_epoch && callers_epoch > leader_epoch_) return ErrorCode::unknown_leader_epoch;
  if (!leader_.has_value()) return ErrorCode::not_leader_or_follower;
  return ErrorCode::none;
}

void Partition::on_progress() {
  if (!leader_.has_value()) return;
  // After a change to fsync durability the durable end is behind what was committed already.
  leader_->on_local_end(std::max(leader_->committed_end(), store_.committed_end()));
  settle();
}

// What the epoch's first records took away with them is noted again.
void Partition::on_ready() {
  if (leader_.has_value() && store_.admission().become_leader(leader_epoch_)) store_.note_epochs_changed();
}

void Partition::on_rolled_back(Offset end) {
  while (!above_watermark_.empty() && above_watermark_.back().end > end) above_watermark_.pop_back();
  if (!leader_.has_value()) return;
  leader_->on_taken_back(end);
  settle();
}

void Partition::on_fenced(const std::string& reason) {
  const bool was_online = online_;
  fail(reason);
  if (was_online) events_.on_offline(*this, reason);
}

void Partition::fail(const std::string& reason) {
  if (online_) logger_.error("{} is offline: {}", name_, reason);
  online_ = false;
  failed_ = true;
  if (leader_.has_value()) {
    leader_->on_taken_back(-1);
    settle();
  }
  for (const AppendJob& job : std::exchange(queue_, {})) refuse(job, ErrorCode::kafka_storage_error);
  events_.on_news(*this);
}

void Partition::note_watermark(Offset high_watermark) {
  HW_CHECK(high_watermark >= high_watermark_ && high_watermark <= store_.end());
  high_watermark_ = high_watermark;
  while (!above_watermark_.empty() && above_watermark_.front().end <= high_watermark) {
    visible_bytes_ = above_watermark_.front().bytes;
    above_watermark_.pop_front();
  }
  store_.admission().mutable_producers().on_high_watermark(high_watermark);
  events_.on_news(*this);
}

// The watermark first: who is answered may read what it wrote.
void Partition::settle() {
  replica::Leader::Output output = leader_->take_output();
  if (output.high_watermark.has_value()) note_watermark(*output.high_watermark);
  for (const replica::Answered& answered : output.answers) {
    switch (answered.answer) {
      case replica::Answer::acknowledged:
        appends_.on_answered(answered.ticket, ErrorCode::none);
        break;
      case replica::Answer::too_few_in_sync:
        appends_.on_answered(answered.ticket, ErrorCode::not_enough_replicas_after_append);
        break;
      case replica::Answer::taken_back:
        appends_.on_answered(answered.ticket, ErrorCode::kafka_storage_error);
        break;
    }
  }
}

}  // namespace highwater::engine
