// What the clients of a cluster do. Each runs as a program on a machine of its own, with its own connection to the
// cluster and its own stream of choices, and tells the history what it asked for and what it was told.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "checkers/history.h"
#include "checkers/registers.h"
#include "checkers/rising.h"
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
  std::string node;                // its number
  std::vector<Place> places;       // of the topics that writers write to
  std::set<Place> rotten;          // a bit of it turned at some time: readers may meet a wrong checksum
  bool writing = true;             // false: writers finish what they have begun
  std::uint32_t writers_busy = 0;  // with unreported messages, or still writing
  bool audited = false;            // the auditor has seen everything
  Registers registers;             // what administrators wrote and read
  Rising bounds;                   // partitions of topics, starts of logs
  std::uint64_t next_unique = 1;   // for values that must not repeat
  std::uint64_t recreators = 0;    // how many clients of a kind there are: their things are named so
  std::uint64_t limiters = 0;
  std::uint64_t trimmers = 0;
  std::uint64_t movers = 0;
  std::uint64_t next_scram = 0;  // the same, of a few thousand
  compress::ContextShelf shelf;  // for records that clients read
  Instant healed;                // when the last fault ended; zero before
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
// Changes settings, quotas, credentials and partitions of things that stay, and reads them.
std::unique_ptr<io::sim::Program> make_administrator(io::sim::Process& process, Workload& workload, Random random);
// Makes, fills, reads, deletes and makes again topics of the same few names.
std::unique_ptr<io::sim::Program> make_recreator(io::sim::Process& process, Workload& workload, Random random);
// Changes max.message.bytes and sees that it acts.
std::unique_ptr<io::sim::Program> make_limiter(io::sim::Process& process, Workload& workload, Random random);
// Deletes records of a log that it writes itself.
std::unique_ptr<io::sim::Program> make_trimmer(io::sim::Process& process, Workload& workload, Random random);
// Moves logs between the directories of the node and asks where they are.
std::unique_ptr<io::sim::Program> make_mover(io::sim::Process& process, Workload& workload, Random random);
// After everything is healed: reads everything, looks at the topics, and sees that a parked fetch is woken.
std::unique_ptr<io::sim::Program> make_auditor(io::sim::Process& process, Workload& workload, Random random);

}  // namespace highwater::sim
