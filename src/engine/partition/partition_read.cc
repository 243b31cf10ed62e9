// What may be read, lookups of offsets, and where the log begins.
#include <algorithm>

#include "engine/partition/partition.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

namespace {

constexpr std::size_t producers_per_slice = 1000;

}  // namespace

Partition::ReadBounds Partition::prepare_read(const ReadPart& part, const ReadOptions& options, ReadOutcome& outcome) {
  outcome.error = check_leader(part.current_leader_epoch);
  if (outcome.error != ErrorCode::none) return {};
  if (options.replica >= 0) {
    // Partition.followerReplicaOrThrow.
    if (!leader_->has_follower(options.replica)) {
      outcome.error =
          part.current_leader_epoch == no_epoch ? ErrorCode::not_leader_or_follower : ErrorCode::unknown_leader_epoch;
      return {};
    }
  }
  outcome.high_watermark = high_watermark_;
  outcome.last_stable_offset = last_stable_offset();
  outcome.log_start_offset = store_.start();
  const bool in_range = part.offset >= store_.start() && part.offset <= store_.end();
  if (part.last_fetched_epoch != no_epoch) {
    const log::EpochEnd end = store_.admission().epochs().end_offset_for(part.last_fetched_epoch, store_.end());
    const bool known = end.epoch != no_epoch && end.end_offset != no_offset;
    if (!known || part.offset < store_.start()) {
      outcome.error = ErrorCode::offset_out_of_range;
      return {};
    }
    if (end.epoch < part.last_fetched_epoch || end.end_offset < part.offset) {
      outcome.diverging = DivergingEpoch{end.epoch, end.end_offset};
      return {};
    }
  }
  if (!in_range) {
    outcome.error = ErrorCode::offset_out_of_range;
    return {};
  }
  ReadBounds bounds;
  bounds.readable = true;
  if (options.replica >= 0) {
    // Only now: an offset that is not in this log says nothing of what the follower holds.
    leader_->on_follower_end(options.replica, part.offset);
    settle();
    outcome.high_watermark = high_watermark_;
    outcome.last_stable_offset = last_stable_offset();
    // A follower may hold what is not committed, but never what may still be taken back for want of space.
    bounds.upper = store_.written_end();
  } else {
    bounds.upper = options.isolation == Isolation::read_committed ? last_stable_offset() : high_watermark_;
    if (HW_PLANTED("watermark_off_by_one")) ++bounds.upper;
  }
  return bounds;
}

void Partition::add_aborted(Offset from, Offset upper, ReadOutcome& outcome) const {
  for (const AbortedTxn& txn : store_.aborted_between(from, upper))
    outcome.aborted.push_back({txn.producer_id, txn.first_offset});
}

// OFFSET_NOT_AVAILABLE until the watermark has reached the beginning of this leader's epoch (KIP-207).
ErrorCode Partition::find_latest(Isolation isolation, OffsetAnswer& answer) const {
  if (!leader_->watermark_is_ours()) return ErrorCode::offset_not_available;
  answer.offset = isolation == Isolation::read_committed ? last_stable_offset() : high_watermark_;
  answer.leader_epoch = leader_epoch_;
  return ErrorCode::none;
}

io::Task<OffsetAnswer> Partition::find_offset(OffsetQuery query, Isolation isolation) {
  OffsetAnswer answer;
  answer.error = check_leader(query.current_leader_epoch);
  if (answer.error != ErrorCode::none) co_return answer;
  if (query.timestamp == latest_timestamp) {
    answer.error = find_latest(isolation, answer);
    co_return answer;
  }
  if (query.timestamp == earliest_timestamp || query.timestamp == earliest_local_timestamp) {
    answer.offset = store_.start();
    const auto epoch = store_.admission().epochs().earliest();
    if (epoch.has_value() && epoch->start_offset <= store_.start()) answer.leader_epoch = epoch->epoch;
    co_return answer;
  }
  // Without remote storage nothing is tiered and nothing waits to be.
  if (query.timestamp == latest_tiered_timestamp || query.timestamp == earliest_pending_upload_timestamp)
    co_return answer;
  if (query.timestamp < 0 && query.timestamp != max_timestamp) {
    answer.error = ErrorCode::unsupported_version;
    co_return answer;
  }
  const Offset limit = isolation == Isolation::read_committed ? last_stable_offset() : high_watermark_;
  Result<std::optional<LogStore::Found>, StoreError> found = std::optional<LogStore::Found>{};
  if (query.timestamp == max_timestamp) {
    found = co_await store_.find_largest_time();
  } else {
    found = co_await store_.find_by_time(query.timestamp, limit);
  }
  if (!found.has_value()) {
    answer.error = ErrorCode::kafka_storage_error;
  } else if (found->has_value() && (*found)->offset < limit) {
    answer.timestamp = (*found)->timestamp;
    answer.offset = (*found)->offset;
    answer.leader_epoch = (*found)->leader_epoch;
  } else if (!leader_.has_value()) {
    answer.error = ErrorCode::not_leader_or_follower;
  } else if (!leader_->watermark_is_ours()) {
    answer.error = ErrorCode::offset_not_available;
  }
  co_return answer;
}

// Partition.deleteRecordsOnLeader.
Result<Offset, ErrorCode> Partition::start_without(Offset before) const {
  const ErrorCode error = check_leader(no_epoch);
  if (error != ErrorCode::none) return std::unexpected(error);
  const configs::TopicSettings& settings = store_.settings();
  if (settings.cleanup_compact && !settings.cleanup_delete) return std::unexpected(ErrorCode::policy_violation);
  if (before == before_high_watermark) before = high_watermark_;
  if (before < 0 || before > high_watermark_) return std::unexpected(ErrorCode::offset_out_of_range);
  return std::max(before, store_.start());
}

ErrorCode Partition::move_start(Offset start) {
  const ErrorCode error = check_leader(no_epoch);
  if (error != ErrorCode::none) return error;
  if (start <= store_.start()) return ErrorCode::none;
  const Offset from = store_.start();
  if (!store_.move_start(start).has_value()) return ErrorCode::kafka_storage_error;
  logger_.info("The log of {}-{} begins at offset {} instead of {} now: its records were deleted by a client",
               identity_.topic, identity_.id.index, start, from);
  events_.on_news(*this);
  return ErrorCode::none;
}

EpochAnswer Partition::find_epoch_end(const EpochQuery& query) const {
  EpochAnswer answer;
  answer.error = check_leader(query.current_leader_epoch);
  if (answer.error != ErrorCode::none) return answer;
  const log::EpochEnd end = store_.admission().epochs().end_offset_for(query.leader_epoch, store_.end());
  if (end.epoch == no_epoch) return answer;
  answer.leader_epoch = end.epoch;
  answer.end_offset = end.end_offset;
  return answer;
}

bool Partition::add_producers(ProducersAnswer& answer) const {
  if (!online_) {
    answer = {.error = ErrorCode::kafka_storage_error};
    return false;
  }
  const log::ProducerTable& table = store_.admission().producers();
  if (answer.producers.empty()) answer.producers.reserve(table.size());
  const ProducerId after = answer.producers.empty() ? INT64_MIN : answer.producers.back().producer_id;
  const std::vector<ProducerId> ids = table.ids_after(after, producers_per_slice);
  for (const ProducerId id : ids) {
    const log::ProducerEntry& entry = *table.find(id);
    answer.producers.push_back({id, entry.epoch, entry.last_sequence(), entry.last_timestamp, entry.coordinator_epoch,
                                entry.txn_first_offset});
  }
  return ids.size() == producers_per_slice;
}

}  // namespace highwater::engine
