// What a core keeps for one peer beyond its connection, and what therefore goes along when the connection moves to
// another core.
#pragma once

#include <memory>

#include "foundation/base/time.h"

namespace highwater::server {

struct Peer;

class Belongings {
 public:
  virtual ~Belongings() = default;
};

// One per core; what one of them packs, another one of the same kind unpacks.
class BelongingsKeeper {
 public:
  // Null when there is nothing.
  virtual std::unique_ptr<Belongings> pack(const Peer& peer) = 0;
  // May drop them when there is no room; the peer then finds out as if they had been evicted.
  virtual void unpack(std::unique_ptr<Belongings> belongings, Instant now) = 0;

 protected:
  ~BelongingsKeeper() = default;
};

}  // namespace highwater::server
