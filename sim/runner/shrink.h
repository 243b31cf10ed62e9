// A failing seed made small (reliability first, then brevity): fewer seconds, fewer faults, fewer clients and
// partitions, as long as the same checker still complains. Each rule and each strike draws from a stream of its own, so
// leaving one out does not shift the others.
#pragma once

#include <cstdint>
#include <string>

#include "world/scenario.h"

namespace highwater::sim {

struct ShrinkOptions {
  std::uint64_t seed = 0;
  std::string scenario_path;       // where the small scenario is written
  std::uint64_t trials_max = 400;  // runs, each in a process of its own
};

// Prints what is left and how to run it again. The exit status: 1 when the seed fails, 0 when there is nothing to do.
int shrink(Scenario scenario, const ShrinkOptions& options);

}  // namespace highwater::sim
