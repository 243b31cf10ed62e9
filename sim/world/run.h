// One seed of one scenario from beginning to end: a world is built, faults strike, everything is healed, everything is
// checked.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "foundation/base/log.h"
#include "world/scenario.h"

namespace highwater::sim {

struct RunOptions {
  LogSink* log = nullptr;  // of all nodes; null is silence
  std::string trace_path;  // every happening as a line; empty: none
  // For the test of independence: no faults but one, this node dies half-way. The end is fixed then: the calm after it
  // would otherwise take as long as the slowest cluster needs.
  static constexpr int nobody = -1;
  static constexpr int by_scenario = -2;
  int only_kill = by_scenario;
  // Of the faults only these strikes happen, by number; nothing: all.
  std::optional<std::set<std::uint64_t>> only_strikes;
};

struct RunResult {
  std::uint64_t trace_hash = 0;
  std::vector<std::uint64_t> node_hashes;
  std::uint64_t acknowledged = 0;
  std::int64_t simulated_ms = 0;
  std::uint64_t events = 0;
  std::uint64_t faults = 0;
  std::uint64_t node_starts = 0;
  std::vector<std::string> violations;
  std::vector<std::string> strikes;  // "number seconds fault machine"
  std::string drawn;                 // what the seed made of the scenario, for people

  // Too short to count: less than 20 simulated seconds or 1,000 acknowledged operations.
  bool is_void() const { return simulated_ms < 20'000 || acknowledged < 1'000; }
};

RunResult run_seed(const Scenario& scenario, std::uint64_t seed, RunOptions options);

}  // namespace highwater::sim
