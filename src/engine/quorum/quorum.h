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
#include "io/future.h"
#include "io/task.h"
#include "machines/controller/controller.h"
#include "machines/metadata/image.h"
#include "machines/metadata/snapshot_rules.h"

namespace highwater::engine {

class Cores;
class MetadataPublisher;
class QuorumCore;

struct QuorumOptions {
  std::string metadata_directory;  // the log directory that holds __cluster_metadata-0 and bootstrap.checkpoint
  Uuid directory_id;               // of metadata_directory
  Uuid incarnation;                // fresh per process
  // controller.quorum.voters of this release is this node alone; false: the voters are in the log (kraft.version 1).
  bool static_voters = false;
  std::vector<metadata::ListenerImage> controller_listeners;  // the first one is what other voters are told
  Duration idle_interval = Duration::from_ms(500);            // metadata.max.idle.interval.ms; 0: no NoOp records
  std::int32_t segment_bytes = 1 << 30;                       // metadata.log.segment.bytes
  std::int64_t segment_ms = 604'800'000;                      // metadata.log.segment.ms
  metadata::SnapshotLimits snapshots;
  controller::ControllerSettings controller;
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
  // A write or fsync of the metadata log failed: the controller answers no more and the node must stop. Why, or empty.
  const std::string& fenced() const;
  // Ready with the reason when that happens. One waiter.
  io::Future<std::string> wait_fenced();

 private:
  friend class ControllerDoor;
  std::unique_ptr<QuorumCore> core_;
};

}  // namespace highwater::engine
