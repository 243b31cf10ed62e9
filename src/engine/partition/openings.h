// How the log of a partition is made or opened when it is assigned, and tried again when only room was wanting.
// Kafka: LogManager.getOrCreateLog, LogManager.loadLog.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "engine/partition/host_shared.h"
#include "engine/partition/log_folders.h"
#include "engine/partition/reads.h"
#include "engine/partition/removals.h"

namespace highwater::engine {

class Openings {
 public:
  // Whom a partition tells what happens to it.
  struct Listeners {
    AppendEvents& appends;
    PartitionEvents& partitions;
  };
  struct Neighbours {
    LogFolders& folders;
    Reads& reads;
    Removals& removals;
  };
  Openings(HostShared& host, Neighbours neighbours, Listeners listeners);

  // One that was just assigned for the first time. Of many at once the later ones wait for later turns (rule L1), in
  // the order of the calls; meanwhile they are as if their files were slow.
  void begin(HostedPartition& hosted);

  // From `before`, or anew when nothing is known of it. Gives what has become of it.
  io::Task<HostedPartition::State> open_log(HostedPartition& hosted);
  // That, and what happened to the partition meanwhile, takes effect. It ends an operation.
  void end(HostedPartition& hosted, HostedPartition::State state);

  // Logs that were opened since the last call elsewhere than assigned.
  std::vector<PartitionHost::Misplaced> take_misplaced();

 private:
  void begin_now_or_later(TopicPartition id);
  io::Task<void> begin_later();
  io::Task<void> open(TopicPartition id);
  io::Task<Result<void>> set_twins_aside(HostedPartition& hosted);
  io::Task<HostedPartition::State> make_or_open(HostedPartition& hosted);
  io::Task<void> try_again();

  HostShared& host_;
  Neighbours neighbours_;
  Listeners listeners_;
  std::vector<PartitionHost::Misplaced> misplaced_;
  std::deque<TopicPartition> due_;  // wait for a later turn
  Instant turn_;                    // in which so many were begun:
  std::size_t begun_ = 0;
  bool trying_again_ = false;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
