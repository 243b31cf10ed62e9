// For tests of this room: a simulated machine whose nodes run one script after the other on the same disk.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/partition/test_node.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"

namespace highwater::engine {

// The test node leads it, alone.
inline Assignment test_assignment(const TopicPartition& partition, const Uuid& directory = test_directory_id) {
  Assignment assignment;
  assignment.partition = partition;
  assignment.topic = "topic";
  assignment.directory = directory;
  assignment.leader = test_node_id;
  assignment.leader_epoch = 0;
  assignment.replicas = {test_node_id};
  assignment.in_sync = {test_node_id};
  return assignment;
}

inline io::sim::Disk& disk_of(TestNode& node) {
  return static_cast<io::sim::SimReactor&>(node.reactor()).process().machine().disk();
}

inline io::Task<void> pause(TestNode& node, Duration time) {
  co_await node.reactor().sleep_until(node.reactor().now() + time);
}

inline io::Task<io::IoStatus> copy_directory(TestNode& node, std::string from, std::string to) {
  io::FileSystem& files = node.reactor().files();
  auto made = co_await files.make_directories(to);
  auto listed = co_await files.list(from);
  REQUIRE(listed.has_value());
  for (const io::DirectoryEntry& entry : *listed) {
    auto bytes = co_await files.read_file(from + "/" + entry.name, 1 << 20);
    REQUIRE(bytes.has_value());
    made = co_await files.replace_file(to + "/" + entry.name, std::move(*bytes));
    REQUIRE(made.has_value());
  }
  co_return made;
}

class RigProgram : public io::sim::Program {
 public:
  RigProgram(std::vector<io::Reactor*> reactors, const configs::TopicSettings& settings)
      : node(std::move(reactors), "/data", settings) {}
  TestNode node;
};

using Script = io::Task<void> (*)(TestNode&);

// A machine whose nodes run one script after the other on the same disk.
class Rig {
 public:
  explicit Rig(std::uint64_t seed = 1, configs::TopicSettings settings = {})
      : world(seed), machine(world.add_machine({.name = "m"})), settings_(settings) {
    machine.disk().conditions().cold_ppm = 500'000;
  }

  TestNode& start(Script script, std::uint32_t cores = 1) {
    process = &machine.start({.name = "node", .cores = cores}, [this, script, cores](io::sim::Process& started) {
      std::vector<io::Reactor*> reactors;
      for (std::uint32_t core = 0; core < cores; ++core) reactors.push_back(&started.reactor(core));
      auto program = std::make_unique<RigProgram>(std::move(reactors), settings_);
      program->node.tasks.spawn(script(program->node));
      return program;
    });
    return static_cast<RigProgram*>(process->program())->node;
  }
  // Runs the script to its end and kills the process.
  void run(Script script, std::uint32_t cores = 1) {
    TestNode& node = start(script, cores);
    for (int i = 0; i < 600 && node.tasks.size() != 0; ++i) world.run_for(Duration::from_ms(100));
    REQUIRE(node.tasks.size() == 0);
    machine.kill(*process);
  }

  io::sim::World world;
  io::sim::Machine& machine;
  io::sim::Process* process = nullptr;

 private:
  configs::TopicSettings settings_;
};

}  // namespace highwater::engine
