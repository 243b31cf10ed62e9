// The metadata quorum of this node, on core 0: the raft machine and the controller machine over the log of
// `__cluster_metadata-0`. Loads, elects (a quorum of one elects itself at once), appends with an fsync before any
// answer, and publishes committed images to every core in order. Doors and lifecycles of the other rooms reach it
// through ControllerDoor. Kafka: KafkaRaftManager, QuorumController and MetadataLoader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "foundation/base/time.h"
#include "foundation/base/uuid.h"
#include "io/task.h"
#include "machines/metadata/image.h"

namespace highwater::engine {

class Cores;
class MetadataPublisher;

struct QuorumVoter {
  NodeId id = no_node;
  std::string host;
  std::uint16_t port = 0;
};

struct QuorumOptions {
  NodeId node_id = no_node;
  std::string cluster_id;
  std::string metadata_directory;          // the log directory that holds __cluster_metadata-0 and bootstrap.checkpoint
  Uuid directory_id;                       // of metadata_directory
  std::vector<QuorumVoter> static_voters;  // controller.quorum.voters; empty: a dynamic quorum
  std::vector<metadata::ListenerImage> controller_listeners;  // what RegisterControllerRecord says
  Duration idle_interval = Duration::from_ms(500);            // metadata.max.idle.interval.ms; 0: no NoOp records
  Duration broker_session_timeout = Duration::from_ms(9000);  // broker.session.timeout.ms
  std::int32_t default_partitions = 1;                        // num.partitions
  std::int16_t default_replication = 1;                       // default.replication.factor
  std::int32_t min_insync_replicas = 1;                       // node's min.insync.replicas, for activation with ELR
  std::int32_t segment_bytes = 1024 * 1024 * 1024;            // metadata.log.segment.bytes
};

class Quorum {
 public:
  // Constructed and run on core 0. publishers[i] belongs to core i. Everything handed in outlives it.
  Quorum(Cores& cores, std::vector<MetadataPublisher*> publishers, QuorumOptions options, Logger log);
  ~Quorum();
  Quorum(const Quorum&) = delete;
  Quorum& operator=(const Quorum&) = delete;

  // Loads the log, wins the election, writes the activation records; returns when all of it is committed and every core
  // has applied it. The failure is one sentence that names the file.
  io::Task<Result<void>> start();
  // Refuses new requests, waits for what is being written, closes the log.
  io::Task<void> stop();

  // The oldest offset over cores up to which images are applied.
  Offset applied() const;
  Offset high_watermark() const;
  Epoch leader_epoch() const;
  NodeId leader() const;
  // The level of kraft.version, which no metadata record carries.
  std::int16_t kraft_version() const;
  // A failed write or fsync: the controller answers no more, and the node must stop. Empty while all is well.
  std::optional<std::string> fenced() const;

 private:
  friend class ControllerDoor;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace highwater::engine
