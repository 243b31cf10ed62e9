#include "machines/log/admission.h"

#include <algorithm>

#include "foundation/base/check.h"
#include "foundation/base/planted.h"
#include "protocol/records/legacy.h"

namespace highwater::log {
namespace {

bool intact(const records::RawBatch& batch) {
  if (batch.is_current()) return batch.has_header() && batch.view().crc_ok();
  const records::LegacyView view(batch.bytes);
  return view.well_formed() && view.crc_ok();
}

Offset last_offset_of(const records::RawBatch& batch) {
  return batch.is_current() ? batch.view().last_offset() : batch.first_field();
}

Epoch epoch_of(const records::RawBatch& batch) { return batch.is_current() ? batch.view().leader_epoch() : no_epoch; }

std::int64_t max_timestamp_of(const records::RawBatch& batch) {
  return batch.is_current() ? batch.view().max_timestamp() : records::LegacyView(batch.bytes).timestamp();
}

}  // namespace

Admission::Admission(Offset log_start, Offset log_end) : log_start_(log_start), log_end_(log_end) {
  HW_CHECK(log_start >= 0 && log_start <= log_end);
  producers_.set_end_offset(log_end);
}

LeaderDecision Admission::admit(const BatchFacts& batch, const LeaderWrite& write) const {
  HW_CHECK(batch.magic == records::current_magic && batch.last_offset >= batch.base_offset);
  const auto rejected = [](AppendReject reject) {
    return LeaderDecision{.answer = LeaderAnswer::reject, .reject = reject};
  };
  if (static_cast<std::int64_t>(batch.size_bytes) > write.segment_bytes_max) {
    return rejected(AppendReject::larger_than_segment);
  }
  const BatchFacts placed = batch.placed_at(log_end_, write.leader_epoch);
  if (batch.has_producer_id()) {
    if (write.terms.origin == AppendOrigin::client) {
      if (const auto known = producers_.find_duplicate(batch)) {
        if (HW_PLANTED("duplicate_after_retry")) {
          return {.answer = LeaderAnswer::append, .base_offset = placed.base_offset, .last_offset = placed.last_offset};
        }
        return {.answer = LeaderAnswer::duplicate,
                .base_offset = known->first_offset(),
                .last_offset = known->last_offset,
                .timestamp = known->timestamp};
      }
    }
    if (const auto reject = producers_.check(placed, write.terms)) return rejected(*reject);
  }
  return {.answer = LeaderAnswer::append, .base_offset = placed.base_offset, .last_offset = placed.last_offset};
}

FollowerPlan Admission::plan(ByteView fetched, Epoch current_epoch) const {
  FollowerPlan plan;
  const auto rejected = [&plan](FollowerReject reject) {
    plan.reject = reject;
    plan.bytes = 0;
    return plan;
  };
  Offset first_or_last = no_offset;
  records::BatchScanner scanner(fetched);
  while (const auto batch = scanner.next()) {
    if (batch->is_current() && !batch->has_header()) return rejected(FollowerReject::corrupt);
    if (epoch_of(*batch) > current_epoch) {
      plan.stopped_at_newer_epoch = true;
      break;
    }
    const Offset last = last_offset_of(*batch);
    if (last < batch->first_field() || last == INT64_MAX) return rejected(FollowerReject::corrupt);
    if (plan.bytes == 0) {
      plan.first_offset = batch->first_field();
      first_or_last = batch->is_current() ? batch->first_field() : last;
    } else if (batch->first_field() <= plan.last_offset) {
      return rejected(FollowerReject::offsets_not_rising);
    }
    if (!intact(*batch)) return rejected(FollowerReject::corrupt);
    plan.last_offset = last;
    plan.max_timestamp = std::max(plan.max_timestamp, max_timestamp_of(*batch));
    plan.bytes = batch->position + batch->bytes.size();
  }
  const bool unreadable =
      scanner.end() == records::ScanEnd::length_too_small || scanner.end() == records::ScanEnd::unknown_magic;
  if (!plan.stopped_at_newer_epoch && unreadable) return rejected(FollowerReject::corrupt);
  if (plan.bytes != 0 && first_or_last < log_end_) return rejected(FollowerReject::below_log_end);
  return plan;
}

Admission::Applied Admission::apply(const BatchFacts& batch) {
  const bool current = batch.magic == records::current_magic;
  HW_CHECK(batch.base_offset >= log_end_ && batch.last_offset >= batch.base_offset);
  Applied applied;
  if (!current) {
    // Offsets of old formats say nothing of epochs; truncation falls back to the high watermark, as in Kafka.
    applied.epochs_changed = !epochs_.entries().empty();
    epochs_.clear();
  } else if (batch.leader_epoch >= 0) {
    applied.epochs_changed = epochs_.assign(batch.leader_epoch, batch.base_offset);
  }
  applied.completed = producers_.apply(batch);
  log_end_ = batch.last_offset + 1;
  return applied;
}

bool Admission::become_leader(Epoch epoch) { return epochs_.assign(epoch, log_end_); }

bool Admission::truncate_to(Offset log_end) {
  HW_CHECK(log_end >= log_start_);
  if (log_end >= log_end_) return false;
  log_end_ = log_end;
  epochs_.truncate_from_end(log_end);
  return producers_.end_offset() != log_end;
}

void Admission::restart_at(Offset offset) {
  HW_CHECK(offset >= 0);
  log_start_ = log_end_ = offset;
  epochs_.clear();
  producers_.reset(offset);
}

bool Admission::advance_start(Offset log_start) {
  HW_CHECK(log_start >= log_start_);
  log_start_ = log_start;
  log_end_ = std::max(log_end_, log_start);
  producers_.on_log_start(log_start);
  return epochs_.truncate_from_start(log_start);
}

void Admission::apply_producers_only(const BatchFacts& batch) {
  HW_CHECK(batch.last_offset < log_end_);
  producers_.apply(batch);
}

Offset Admission::last_stable_offset(Offset high_watermark) const {
  HW_CHECK(high_watermark <= log_end_);
  return std::min(producers_.first_unstable_offset().value_or(high_watermark), high_watermark);
}

}  // namespace highwater::log
