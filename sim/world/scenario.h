// A scenario is data: a workload, faults, seconds and checkers, as one small text file (sim/README.md has the format).
// Every amount is a range; a seed draws from it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/base/random.h"
#include "foundation/base/result.h"
#include "foundation/base/time.h"

namespace highwater::sim {

// low..high, both included; a single value is both.
struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;

  std::int64_t draw(Random& random) const { return random.between(low, high); }
};

enum class FaultKind : std::uint8_t {
  kill,         // kill -9 of a node, at a moment
  kill_step,    // kill -9 after so many resumptions of its coroutines: at any await
  stop,         // a clean stop
  power,        // the machine loses its power
  reset,        // one connection of a node, in the middle of a frame or not
  cut,          // a node and a client do not reach each other, in one direction or both
  slow_disk,    // everything on the disk takes longer
  full_disk,    // next to nothing is left
  disk_error,   // writes and syncs fail with EIO; the node is killed and started again afterwards
  clock,        // the wall clock jumps
  pause,        // a node does not run
  read_error,   // reads fail with EIO; the node is killed and started again afterwards
  bit_rot,      // a bit below the recovery point turns, and later back
  client_kill,  // kill -9 of a client, after so many of its resumptions
  dir_error,    // as disk_error, in one log directory only, and not the first
};
inline constexpr std::size_t fault_kind_count = 15;

struct FaultRule {
  FaultKind kind = FaultKind::kill;
  Range every_us;    // between two of them
  Range for_us;      // how long each lasts
  Range amount;      // resumptions, slowness, bytes left, milliseconds: what the kind counts
  bool off = false;  // keeps its place, so that the streams of the others stay what they are
};

enum class Checker : std::uint8_t {
  acked,       // acknowledged means readable, the same bytes at the same offset, for ever
  dense,       // offsets without gaps
  order,       // a producer's records in its order
  duplicates,  // no duplicate with idempotence
  refused,     // refused means absent
  metadata,    // acknowledged topics stay, deleted ones stay away
  answered,    // after healing every parked request is answered
  files,       // a clean stop at the end leaves each log once, durable, with its marker and recovery point
};
inline constexpr std::size_t checker_count = 8;

struct Scenario {
  std::string name;
  std::string durability = "fsync";
  Range seconds{20, 20};
  Range nodes{1, 1};  // independent clusters of one node
  Range cores{1, 1};
  Range clients{4, 8};  // per cluster
  Range topics{1, 3};
  Range partitions{1, 4};
  Range value_bytes{20, 400};
  Range pause_us{5'000, 150'000};  // between two messages of one writer
  // More clients of each cluster, and more of its node.
  Range administrators;
  Range recreators;
  Range limiters;
  Range trimmers;
  Range mortals;  // writers that client_kill kills
  Range movers;
  Range log_dirs{1, 1};
  enum class Codecs : std::uint8_t { all, none } codecs = Codecs::all;  // of writers
  std::vector<std::pair<std::string, Range>> settings;                  // of the node, drawn once
  std::vector<FaultRule> faults;
  std::vector<Checker> checkers;

  bool checks(Checker checker) const;
};

std::string_view checker_name(Checker checker);

inline constexpr std::size_t scenario_range_count = 15;
// The words of a scenario file that have one range each.
using NamedRanges = std::array<std::pair<std::string_view, Range*>, scenario_range_count>;
NamedRanges ranges_of(Scenario& scenario);

// What parse_scenario reads as the same scenario.
std::string scenario_text(const Scenario& scenario);

std::string_view fault_name(FaultKind kind);

// The failure names the line.
Result<Scenario> parse_scenario(std::string name, std::string_view text);

}  // namespace highwater::sim
