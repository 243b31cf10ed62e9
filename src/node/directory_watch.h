// Looks after the log directories of a broker: one that fails is taken away from all cores and told to the controller
// with the heartbeats, and a log that lies elsewhere than the metadata says is told too. Lives on core 0.
// Kafka: LogDirFailureChannel, ReplicaManager.handleLogDirFailure, AssignmentsManager (KIP-858).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/partition/directories.h"
#include "engine/partition/partition_host.h"
#include "engine/quorum/broker_lifecycle.h"
#include "engine/quorum/controller_door.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "io/task.h"

namespace highwater::node {

class DirectoryWatch {
 public:
  struct Deps {
    engine::Cores& cores;
    std::vector<engine::PartitionHost*> hosts;  // by core
    engine::Directories& directories;
    engine::BrokerLifecycle& lifecycle;
    engine::ControllerDoor& controller;
    NodeId self;
    Logger log;
  };
  explicit DirectoryWatch(Deps deps) : deps_(std::move(deps)) {}

  // Returns when no log directory is left: the node has to go. Destroy its frame to end it before.
  io::Task<void> run();

 private:
  struct News {
    std::vector<engine::PartitionHost::Offline> offline;
    std::vector<engine::PartitionHost::Misplaced> misplaced;
  };
  io::Task<News> news();
  void take_away(std::size_t directory, const std::string& reason);
  void tell_offline();
  io::Task<void> tell_misplaced();
  bool any_online() const;

  Deps deps_;
  std::map<TopicPartition, std::size_t> untold_;  // where logs lie
};

}  // namespace highwater::node
