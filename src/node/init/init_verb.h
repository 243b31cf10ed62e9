// `highwater init --from server.properties [--data DIR]...`: what would happen to every key and every directory of a
// node that Apache Kafka ran so far, and the commands for the way there and the way back. Changes nothing on disk.
#pragma once

#include <string>
#include <vector>

#include "node/exit_status.h"

namespace highwater::node {

struct InitArguments {
  std::string from;
  std::vector<std::string> data;  // instead of log.dirs
};

// Clean: `highwater server` would take it as it is, perhaps after the formatting that is told. Bad configuration: a key
// is refused. Error: a directory is.
ExitStatus run_init(const InitArguments& arguments);

}  // namespace highwater::node
