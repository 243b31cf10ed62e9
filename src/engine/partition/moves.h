// A log moves to another directory of its node (AlterReplicaLogDirs, KIP-113): its closed segments are copied while it
// serves; then it pauses, the rest is copied, the copy takes its name, the old folder goes. Clients hear
// NOT_LEADER_OR_FOLLOWER for that moment and try again. A crash before the copy has the name leaves the log where it
// was, and the copy to the next start (left_copies.h); one before the old folder is renamed leaves two equal ones, of
// which the next start sets one aside.
// Kafka: ReplicaManager.alterReplicaLogDirs, ReplicaAlterLogDirsThread, LogManager.replaceCurrentWithFutureLog.
#pragma once

#include <cstdint>
#include <string>

#include "engine/partition/host_shared.h"
#include "engine/partition/log_folders.h"
#include "engine/partition/openings.h"
#include "engine/partition/reads.h"

namespace highwater::engine {

class Moves {
 public:
  struct Neighbours {
    LogFolders& folders;
    Reads& reads;
    Openings& openings;
  };
  Moves(HostShared& host, Neighbours neighbours);

  // The move goes on by itself; one to the directory where the log is calls another off.
  ErrorCode begin(const MoveQuery& query);

 private:
  using State = HostedPartition::State;

  HostedPartition* find(const TopicPartition& id, std::uint64_t number);
  io::Task<void> move_log(TopicPartition id, std::uint64_t number, std::string path);
  io::Task<io::IoStatus> copy_sealed(TopicPartition id, std::uint64_t number);
  io::Task<State> change_directory(HostedPartition& hosted);
  io::Task<bool> take_new_folder(HostedPartition& hosted, LogPosition position);
  io::Task<bool> enter(HostedPartition& hosted, std::string target, LogPosition position);
  io::Task<bool> take_name(std::string copy, std::string target);

  HostShared& host_;
  Neighbours neighbours_;
  std::uint64_t last_ = 0;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
