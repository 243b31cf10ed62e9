#include "client/partition_queue.h"

#include <algorithm>

#include "foundation/base/check.h"

namespace highwater::client {

void OutgoingBatch::report(const DeliveryReport& last) {
  DeliveryReport report = last;
  // One attempt in doubt leaves the whole in doubt, unless a later one was certain that it is written.
  if (report.certainty == Certainty::not_written && in_doubt) report.certainty = Certainty::unknown;
  for (std::size_t i = 0; i < promises.size(); ++i) {
    report.offset = last.offset == no_offset ? no_offset : last.offset + static_cast<Offset>(i);
    promises[i].complete(report);
  }
  promises.clear();
}

std::size_t PartitionQueue::message_count() const {
  std::size_t count = 0;
  for (const auto& batch : batches_) count += batch->messages.size();
  return count;
}

void PartitionQueue::add(Message message, io::Promise<DeliveryReport> promise, const BatchLimits& limits, Instant now) {
  const std::size_t bytes = message.payload_size();
  const bool open = !batches_.empty() && batches_.back()->attempts == 0 && !batches_.back()->in_flight &&
                    batches_.back()->messages.size() < limits.records_max &&
                    batches_.back()->bytes + bytes <= limits.bytes_max;
  if (!open) {
    batches_.push_back(std::make_shared<OutgoingBatch>());
    batches_.back()->created = now;
  }
  OutgoingBatch& batch = *batches_.back();
  batch.bytes += bytes;
  batch.messages.push_back(std::move(message));
  batch.promises.push_back(std::move(promise));
}

std::shared_ptr<OutgoingBatch> PartitionQueue::sendable(const BatchLimits& limits, Instant now, Instant& wake) {
  bump_if_quiet();
  if (bump_wanted_ || exhausted_ || in_flight_ >= limits.in_flight_max) return nullptr;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    OutgoingBatch& batch = *batches_[i];
    if (batch.in_flight) continue;
    // A batch with a sequence is being retried: nothing overtakes it, and it waits until it is the oldest.
    if (batch.base_sequence.has_value() && i > 0) return nullptr;
    if (batch.not_before > now) {
      wake = std::min(wake, batch.not_before);
      return nullptr;
    }
    const bool full =
        batch.messages.size() >= limits.records_max || batch.bytes >= limits.bytes_max || i + 1 < batches_.size();
    const Instant ripe = batch.created + limits.linger;
    if (!full && batch.attempts == 0 && ripe > now) {
      wake = std::min(wake, ripe);
      return nullptr;
    }
    batch.in_flight = true;
    ++batch.attempts;
    ++in_flight_;
    return batches_[i];
  }
  return nullptr;
}

void PartitionQueue::assign_sequence(OutgoingBatch& batch) {
  if (batch.base_sequence.has_value() || identity_.id == no_producer_id) return;
  batch.base_sequence = next_sequence_;
  next_sequence_ = records::sequence_after(next_sequence_, batch.count());
}

void PartitionQueue::remove(const std::shared_ptr<OutgoingBatch>& batch) {
  if (batch->in_flight) --in_flight_;
  batch->in_flight = false;
  std::erase(batches_, batch);
}

void PartitionQueue::written(const std::shared_ptr<OutgoingBatch>& batch, Offset base_offset) {
  remove(batch);
  batch->report({.certainty = Certainty::written, .offset = base_offset, .code = batch->last_code});
}

void PartitionQueue::retry(OutgoingBatch& batch, Instant not_before) {
  HW_CHECK(batch.in_flight);
  batch.in_flight = false;
  --in_flight_;
  batch.not_before = not_before;
}

bool PartitionQueue::behind_others(const OutgoingBatch& batch) const {
  return !batches_.empty() && batches_.front().get() != &batch;
}

void PartitionQueue::refused(const std::shared_ptr<OutgoingBatch>& batch) {
  const auto position = std::find(batches_.begin(), batches_.end(), batch);
  HW_CHECK(position != batches_.end());
  if (batch->base_sequence.has_value()) {
    const bool out_of_line = batch->last_code == api::ErrorCode::out_of_order_sequence_number ||
                             batch->last_code == api::ErrorCode::invalid_producer_epoch ||
                             batch->last_code == api::ErrorCode::unknown_producer_id;
    if (out_of_line || batch->in_doubt) {
      want_bump();
    } else {
      // The log knows nothing of it: those behind it move up.
      for (auto later = position + 1; later != batches_.end(); ++later) {
        OutgoingBatch& each = **later;
        if (!each.base_sequence.has_value()) continue;
        each.base_sequence = records::sequence_before(*each.base_sequence, batch->count());
        each.encoded.clear();
      }
      next_sequence_ = records::sequence_before(next_sequence_, batch->count());
    }
  }
  remove(batch);
  batch->report({.certainty = Certainty::not_written, .code = batch->last_code});
}

void PartitionQueue::expire(Instant created_before) {
  for (std::size_t i = 0; i < batches_.size();) {
    const std::shared_ptr<OutgoingBatch> batch = batches_[i];
    if (batch->in_flight || batch->created > created_before) {
      ++i;
      continue;
    }
    if (batch->base_sequence.has_value()) want_bump();
    remove(batch);
    batch->report({.certainty = Certainty::not_written, .code = batch->last_code});
  }
}

void PartitionQueue::want_bump() { bump_wanted_ = identity_.id != no_producer_id; }

// With nothing in flight the partition may begin a new epoch: sequences count from 0 again.
void PartitionQueue::bump_if_quiet() {
  if (!bump_wanted_ || in_flight_ > 0) return;
  bump_wanted_ = false;
  for (std::size_t i = 0; i < batches_.size();) {
    const std::shared_ptr<OutgoingBatch> batch = batches_[i];
    batch->base_sequence.reset();
    batch->encoded.clear();
    if (!batch->in_doubt) {
      ++i;
      continue;
    }
    remove(batch);
    batch->report({.certainty = Certainty::unknown, .code = batch->last_code});
  }
  next_sequence_ = 0;
  if (identity_.epoch == INT16_MAX) {
    exhausted_ = true;
  } else {
    ++identity_.epoch;
  }
}

}  // namespace highwater::client
