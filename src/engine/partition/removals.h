// The end of a partition on this core: nobody is served any more, its folder is renamed at once and removed after
// file.delete.delay.ms. Kafka: LogManager.asyncDelete.
#pragma once

#include <string>

#include "engine/partition/host_shared.h"
#include "engine/partition/log_folders.h"
#include "engine/partition/reads.h"

namespace highwater::engine {

class Removals {
 public:
  // Who makes a partition anew that was assigned again while it was going.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_wanted_again(Assignment assignment, configs::TopicSettings settings) = 0;
  };
  Removals(HostShared& host, LogFolders& folders, Reads& reads, Listener& listener);

  void remove(const TopicPartition& id);
  // One that is open, or could not be opened.
  void begin(HostedPartition& hosted);
  // Nothing is left of it. It ends an operation.
  void end(const TopicPartition& id);

 private:
  io::Task<void> retire(std::string path, TopicPartition id);
  io::Task<void> remove_log(TopicPartition id);

  HostShared& host_;
  LogFolders& folders_;
  Reads& reads_;
  Listener& listener_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
