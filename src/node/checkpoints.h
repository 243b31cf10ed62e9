// Writes down, from time to time and at the end, how far the logs of all cores are: high watermarks every 5 seconds,
// recovery points and start offsets every minute, and only when something moved. Lives on core 0.
// Kafka: ReplicaManager.checkpointHighWatermarks, LogManager.checkpointLogRecoveryOffsets.
#pragma once

#include <memory>
#include <vector>

#include "engine/partition/directories.h"
#include "engine/partition/partition_host.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "io/task.h"
#include "machines/configs/broker_settings.h"

namespace highwater::node {

class Checkpoints {
 public:
  struct Deps {
    engine::Cores& cores;
    std::vector<engine::PartitionHost*> hosts;  // by core
    engine::Directories& directories;
    const configs::LogSettings& settings;
    Logger log;
  };
  explicit Checkpoints(Deps deps);

  // Never returns; destroy its frame to end it.
  io::Task<void> run();
  io::Task<Result<void>> write_all();
  const std::vector<engine::PartitionHost*>& hosts() const { return deps_.hosts; }

 private:
  io::Task<std::vector<engine::LogPosition>> positions();

  Deps deps_;
  bool failing_ = false;  // one line per trouble, not one per round
};

}  // namespace highwater::node
