// What is asked of the partitions of one core besides records, answered by each on its own.
// Kafka: ReplicaManager.fetchOffset, deleteRecords, lastOffsetForLeaderEpoch, activeProducerState, describeLogDirs.
#pragma once

#include <vector>

#include "engine/partition/host_shared.h"
#include "engine/partition/inquiries.h"

namespace highwater::engine {

class Inquiries {
 public:
  explicit Inquiries(HostShared& host);

  void find_offsets(std::vector<OffsetQuery> queries, Isolation isolation, Reply<std::vector<OffsetAnswer>> reply);
  void delete_records(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply);
  void find_epoch_ends(std::vector<EpochQuery> queries, Reply<std::vector<EpochAnswer>> reply);
  void describe_producers(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply);
  std::vector<LogDescription> describe_logs() const;

 private:
  io::Task<void> find_all(std::vector<OffsetQuery> queries, Isolation isolation,
                          Reply<std::vector<OffsetAnswer>> reply);
  io::Task<void> delete_all(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply);
  io::Task<void> describe_all(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply);

  HostShared& host_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
