// The clean stop of one core's partitions: thousands of logs closed with a few syncs. Kafka: LogManager.shutdown.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "engine/partition/host_shared.h"

namespace highwater::engine {

class Closing {
 public:
  explicit Closing(HostShared& host);

  // Every log, once. An operation, until it has ended. None may be opened, moved or removed meanwhile.
  void close_all();

 private:
  // Logs that are closed but for their last files, which are replaced together.
  struct Closed {
    std::size_t logs = 0;
    std::set<std::size_t> directories;
    std::vector<io::NewFile> files;
    std::size_t bytes = 0;
  };
  io::Task<void> close_some();
  io::Task<void> close_one(TopicPartition id);
  io::Task<void> finish_closed();

  HostShared& host_;
  std::vector<TopicPartition> to_close_;
  std::size_t closers_ = 0;
  Closed closed_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
