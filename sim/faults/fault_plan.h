// Carries out the faults of a scenario against the nodes of a world. Each rule draws from a stream of its own, so that
// leaving one rule out does not shift the others.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
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
  // Only these strikes happen, by number (a thousand times the rule's, plus the strike's); nothing: all.
  void keep_only(std::optional<std::set<std::uint64_t>> strikes) { only_ = std::move(strikes); }
  // What happened, a line each: number, seconds, fault, machine.
  const std::vector<std::string>& strikes() const { return strikes_; }

 private:
  struct Rule {
    FaultRule what;
    Random random;
    std::uint64_t next_strike = 0;  // its number
  };
  void schedule(Rule& rule, Instant from);
  void strike(Rule& rule);
  // Each strike draws from a stream of its own: one that is left out shifts no other.
  void cut(NodeHost& node, const FaultRule& rule, Random& draws);
  void disk(NodeHost& node, const FaultRule& rule, Random& draws);
  void rot(std::size_t node, Duration lasts, Random& draws);
  void repair(std::size_t number);
  void kill_client(const FaultRule& rule, Duration lasts, Random& draws);

  io::sim::World* world_;
  Targets targets_;
  std::vector<std::unique_ptr<Rule>> rules_;
  std::vector<std::optional<RottenBit>> rotten_;  // nothing: turned back
  Instant end_;
  bool healed_ = false;
  std::optional<std::set<std::uint64_t>> only_;
  std::vector<std::string> strikes_;
};

}  // namespace highwater::sim
