// For the tests of this room: one simulated machine whose processes are a quorum of one with its broker's lifecycle.
// A process lives by a script; what it acknowledged is kept in a Witness that outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/quorum/broker_lifecycle.h"
#include "engine/quorum/controller_door.h"
#include "engine/quorum/format.h"
#include "engine/quorum/meta_properties.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/quorum/producer_ids.h"
#include "engine/quorum/quorum.h"
#include "engine/routing/cores.h"
#include "foundation/base/random.h"
#include "foundation/base/slice.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"

namespace highwater::engine::lab {

inline constexpr const char* data = "/data";
std::string in_log(const std::string& name);  // of the metadata log's directory

// What outlives a process, and what the next one is started with.
struct Witness {
  bool done = false;
  std::string failure;
  BrokerEpoch clean_epoch = -1;        // what a clean stop left in .kafka_cleanshutdown
  std::set<std::string> acknowledged;  // topics
  std::set<ProducerId> producer_ids;   // given out
  int refused = 0;                     // requests that were told to try again
  bool static_voters = false;
  std::size_t request_bytes = 0;  // that topics are created by, so it is said: many are decided off the loop
  metadata::SnapshotLimits snapshots;
  std::int32_t segment_bytes = 1 << 30;
};

struct TestNode {
  TestNode(io::sim::Process& process, const MetaProperties& directory, Witness& seen);

  // Starts, registers, unfences; false with witness.failure when the quorum refuses.
  io::Task<bool> begin();
  // Two partitions; must be acknowledged.
  io::Task<void> create(std::string name);
  // The error code.
  io::Task<std::int16_t> try_create(std::string name);
  io::Task<void> take_id();
  // A clean stop.
  io::Task<void> end();
  const metadata::MetadataImage& image() const { return *publishers[0].image(); }

  std::vector<MetadataPublisher*> publisher_list();

  Witness& witness;
  io::sim::Process& process;
  Cores cores;
  std::vector<MetadataPublisher> publishers;
  Quorum quorum;
  ControllerDoor own_door{cores, 0, quorum};
  ControllerDoor door;  // of the last core
  BrokerLifecycle lifecycle;
  ProducerIds ids;
};

using Script = io::Task<void> (*)(TestNode&);

struct Lab {
  explicit Lab(std::uint64_t seed) : world(seed), machine(world.add_machine({.name = "node"})) {}

  io::sim::Process& start(Script script);
  // One life to its end.
  void live(Script script);
  // A life ends here, by a kill or a power cut; the machine is up again. A script that has ended is only killed: what
  // its clean stop left stays. One that has not may not have failed so far.
  void cut_short(io::sim::Process& process, Random& random);
  void cut_power();

  io::sim::World world;
  io::sim::Machine& machine;
  Witness witness;
  std::uint32_t cores = 1;
};

// Puts files into `data` before the first life.
using Placing = std::vector<std::pair<std::string, Slice>>;
void place(Lab& lab, Placing files);
// Of tests/fixtures/apache_metadata_log.
Slice fixture(const std::string& name);

}  // namespace highwater::engine::lab
