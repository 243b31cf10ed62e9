// What the metadata says of one partition that has a replica on this node. Made from the image by the listener of
// metadata changes; the host acts on it.
#pragma once

#include <string>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/uuid.h"

namespace highwater::engine {

struct Assignment {
  TopicPartition partition;
  std::string topic;  // for the directory's name and for messages
  Uuid directory;     // zero: any
  NodeId leader = no_node;
  Epoch leader_epoch = no_epoch;
  std::vector<NodeId> replicas;
  std::vector<NodeId> in_sync;
};

}  // namespace highwater::engine
