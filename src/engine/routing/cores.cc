#include "engine/routing/cores.h"

namespace highwater::engine {

std::size_t detail::CallSlots::put(std::unique_ptr<Entry> entry) {
  if (free_.empty()) {
    entries_.push_back(std::move(entry));
    return entries_.size() - 1;
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  entries_[slot] = std::move(entry);
  return slot;
}

std::unique_ptr<detail::CallSlots::Entry> detail::CallSlots::take(std::size_t slot) {
  HW_CHECK(slot < entries_.size() && entries_[slot] != nullptr);
  free_.push_back(slot);
  return std::move(entries_[slot]);
}

Cores::Cores(std::vector<io::Reactor*> reactors) {
  HW_CHECK(!reactors.empty());
  for (io::Reactor* reactor : reactors) cores_.push_back({reactor, std::make_unique<detail::CallSlots>()});
}

std::size_t Cores::spread(const TopicPartition& partition, std::size_t ways) {
  // Neighbouring partitions of one topic land on different cores, and topics do not all begin on core 0.
  std::uint64_t mixed = UuidHash{}(partition.topic_id);
  mixed ^= mixed >> 32;
  return (mixed + static_cast<std::uint32_t>(partition.index)) % ways;
}

}  // namespace highwater::engine
