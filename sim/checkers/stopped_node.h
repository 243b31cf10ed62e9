// What a clean stop has to leave in the log directories of a node, read from its disk without the node's help: each log
// in one directory, no copies, markers, and checkpoints that name the logs beside them where they end.
#pragma once

#include <string>
#include <vector>

#include "io/sim/disk.h"

namespace highwater::sim {

// A sentence for everything that is wrong. A disk that could take a power cut now says the same after it.
std::vector<std::string> wrongs_after_clean_stop(io::sim::Disk& disk, const std::vector<std::string>& directories);

}  // namespace highwater::sim
