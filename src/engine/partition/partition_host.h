// All partitions of one core: opens, creates, deletes and elects them as the metadata says, and serves what the doors
// send. One per core, used on that core only; other cores reach it through Cores. Stop it before its reactor goes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/partition/assignment.h"
#include "engine/partition/directories.h"
#include "engine/partition/outcomes.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "io/task.h"
#include "machines/configs/topic_settings.h"

namespace highwater::engine {

struct HostOptions {
  NodeId node_id = no_node;
  std::size_t tail_bytes = std::size_t{32} << 20;   // memory for the newest bytes of all logs of this core
  std::size_t index_bytes = std::size_t{32} << 20;  // memory for indexes of inactive segments
  std::size_t open_files = 4096;
  std::uint64_t max_decompressed_batch_bytes = std::uint64_t{2} << 30;
};

class Partition;

class PartitionHost {
 public:
  struct Deps {
    Cores& cores;
    CoreIndex self;
    Logger logger;
  };
  PartitionHost(Deps deps, HostOptions options);
  ~PartitionHost();

  // Opens the logs that the directories hold and this core owns, recovering what was not closed cleanly. A log that
  // cannot be opened is kept as offline: its partition answers KAFKA_STORAGE_ERROR, the node goes on.
  io::Task<void> load(std::vector<FoundLog> found);

  // Takes effect in the order of the calls. Creates the log when there is none.
  void assign(Assignment assignment, configs::TopicSettings settings);
  void configure(const Uuid& topic, const configs::TopicSettings& settings);
  void remove(const TopicPartition& partition);  // the replica is no longer here: the log is renamed and later deleted

  // Ready when everything that was assigned or removed so far has been carried out.
  io::Future<io::Done> settled();

  // Writes everything out, leaves the files as Apache Kafka leaves them. Requests are refused from now on.
  io::Task<void> stop();

  // Where each log stands, for the checkpoints of its directory.
  std::vector<LogPosition> positions() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
  friend class Partitions;
};

}  // namespace highwater::engine
