// What happens to each log directory of a node, as `highwater init` tells it. Looks; changes nothing on disk.
#pragma once

#include <string>
#include <vector>

#include "engine/quorum/meta_properties.h"
#include "io/file.h"
#include "io/task.h"

namespace highwater::node {

enum class DirectoryFate : std::uint8_t {
  taken_over,  // formatted, as Apache Kafka or we left it
  to_format,   // empty or not there
  in_use,      // a process holds its lock
  refused
};

struct DirectoryVerdict {
  std::string path;
  DirectoryFate fate = DirectoryFate::taken_over;
  std::string why;
};

struct DirectoryQuestion {
  std::vector<std::string> directories;
  std::string metadata_directory;  // "" on a node without the controller role
  NodeId node_id = no_node;        // no_node when the configuration does not tell
};

std::string_view fate_name(DirectoryFate fate);

io::Task<std::vector<DirectoryVerdict>> judge_directories(io::FileSystem& files, DirectoryQuestion question);

}  // namespace highwater::node
