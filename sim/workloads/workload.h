// What the clients of a cluster do. Each runs as a program on a machine of its own, with its own connection to the
// cluster and its own stream of choices, and tells the history what it asked for and what it was told.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checkers/history.h"
#include "client/cluster.h"
#include "foundation/compress/context_shelf.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"

namespace highwater::sim {

// Shared by the clients of one cluster and by the run that watches them; outlives the world.
struct Workload {
  History* history = nullptr;
  const Scenario* scenario = nullptr;
  std::string host;                // the node's machine
  std::vector<Place> places;       // of the topics that writers write to
  bool writing = true;             // false: writers finish what they have begun
  std::uint32_t writers_busy = 0;  // with unreported messages, or still writing
  bool audited = false;            // the auditor has seen everything
  compress::ContextShelf shelf;    // for records that clients read
  Instant healed;                  // when the last fault ended; zero before
};

client::ClusterOptions cluster_options(const Workload& workload, Duration request_timeout);

// Creates the topics, then writes to them until told to stop.
std::unique_ptr<io::sim::Program> make_writer(io::sim::Process& process, Workload& workload, Random random);
// Follows all partitions from the beginning.
std::unique_ptr<io::sim::Program> make_tail_reader(io::sim::Process& process, Workload& workload, Random random);
// Reads at chosen offsets and asks for offsets of timestamps.
std::unique_ptr<io::sim::Program> make_seeker(io::sim::Process& process, Workload& workload, Random random);
// Creates and deletes topics of its own.
std::unique_ptr<io::sim::Program> make_topic_changer(io::sim::Process& process, Workload& workload, Random random);
// After everything is healed: reads everything, looks at the topics, and sees that a parked fetch is woken.
std::unique_ptr<io::sim::Program> make_auditor(io::sim::Process& process, Workload& workload, Random random);

}  // namespace highwater::sim
