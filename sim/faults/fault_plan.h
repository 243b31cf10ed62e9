// Carries out the faults of a scenario against the nodes of a world. Each rule draws from a stream of its own, so that
// leaving one rule out does not shift the others.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "faults/bit_rot.h"
#include "io/sim/machine.h"
#include "workloads/workload.h"
#include "world/mortal_client.h"
#include "world/node_host.h"
#include "world/scenario.h"

namespace highwater::sim {

class FaultPlan {
 public:
  struct Targets {
    std::vector<NodeHost*> nodes;
    std::vector<Workload*> workloads;  // of the nodes, in their order
    std::vector<io::sim::Machine*> clients;
    std::vector<MortalClient*> mortals;
  };
  FaultPlan(io::sim::World& world, const Scenario& scenario, Targets targets);
  FaultPlan(const FaultPlan&) = delete;
  FaultPlan& operator=(const FaultPlan&) = delete;

  // Schedules faults from `begin` to `end`; heal() is called by whoever runs the world.
  void start(Instant begin, Instant end);
  // Ends everything that lasts, and lets every node start.
  void heal();
  std::uint64_t count() const { return count_; }

 private:
  struct Rule {
    FaultRule what;
    Random random;
  };
  void schedule(Rule& rule, Instant from);
  void strike(Rule& rule);
  void cut(NodeHost& node, Rule& rule);
  void disk(NodeHost& node, Rule& rule);
  void rot(std::size_t node, Rule& rule, Duration lasts);
  void repair(std::size_t number);
  void kill_client(Rule& rule, Duration lasts);

  io::sim::World* world_;
  Targets targets_;
  std::vector<std::unique_ptr<Rule>> rules_;
  std::vector<std::optional<RottenBit>> rotten_;  // nothing: turned back
  Instant end_;
  bool healed_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace highwater::sim
