// The end of a partition on this core: nobody is served any more, its folder is renamed at once and removed after
// file.delete.delay.ms. Kafka: LogManager.asyncDelete.
#pragma once

#include "engine/partition/host_shared.h"
#include "engine/partition/log_folders.h"
#include "engine/partition/reads.h"

namespace highwater::engine {

class Removals {
 public:
  Removals(HostShared& host, LogFolders& folders, Reads& reads);

  void remove(const TopicPartition& id);
  // One that is open, or could not be opened.
  void begin(HostedPartition& hosted);

 private:
  io::Task<void> remove_log(TopicPartition id);

  HostShared& host_;
  LogFolders& folders_;
  Reads& reads_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
