#include "foundation/base/check.h"
#include "machines/log/producers.h"

namespace highwater::log {

void ProducerEntry::enter_epoch(std::int16_t next) {
  if (next == epoch) return;
  epoch = next;
  first_ = 0;
  count_ = 0;
}

void ProducerEntry::remember(const CachedBatch& batch) {
  HW_CHECK(count_ <= batches_.size());
  if (count_ == batches_.size()) {
    batches_[first_] = batch;
    first_ = static_cast<std::uint8_t>((first_ + 1u) % batches_.size());
    return;
  }
  batches_[(first_ + count_) % batches_.size()] = batch;
  ++count_;
}

std::optional<CachedBatch> ProducerEntry::find(std::int32_t first_sequence, std::int32_t last_sequence) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const CachedBatch& known = batch(i);
    if (known.last_sequence == last_sequence && known.first_sequence() == first_sequence) return known;
  }
  return std::nullopt;
}

}  // namespace highwater::log
