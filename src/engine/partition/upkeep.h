// What the partitions of one core have done to them from time to time: idle producers are forgotten, and the files go
// that lie below where their log begins. Kafka: ProducerStateManager.removeExpiredProducers, LogManager.cleanupLogs.
#pragma once

#include <vector>

#include "engine/partition/host_shared.h"

namespace highwater::engine {

class Upkeep {
 public:
  explicit Upkeep(HostShared& host);

 private:
  io::Task<void> expire_producers();
  std::size_t expire_some(const TopicPartition& id, ProducerId& last);
  io::Task<void> remove_deleted_segments();
  io::Task<void> remove_below_starts(std::vector<TopicPartition> ids);

  HostShared& host_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
