// Bit rot where a node has promised durability: one bit of a record batch that lies wholly below the recovery point of
// its log, as the node's own checkpoint file says. Such damage must be refused, and neither be cut away nor handed out;
// so, when the bit is turned back, everything is there again. Bits that no checksum covers (a batch's offset, its
// leader epoch) are left alone: Kafka's format cannot tell them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "foundation/base/random.h"
#include "world/node_host.h"

namespace highwater::sim {

struct RottenBit {
  NodeHost* node = nullptr;
  std::string topic;
  std::int32_t partition = 0;
  std::string path;
  std::uint64_t offset = 0;
  int bit = 0;

  void flip() const { node->machine().disk().flip_bit(path, offset, bit); }
};

// Nothing when the chosen directory has no such batch. Only topics of writers ("t0", "t1"...) are chosen: they stay.
std::optional<RottenBit> choose_bit(NodeHost& node, Random& random);

}  // namespace highwater::sim
