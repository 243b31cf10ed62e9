// The way of a connection from one core to another. One per node. attach() is called on the core that it names, send()
// on the one that the connection leaves.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/routing/cores.h"
#include "server/network/belongings.h"
#include "server/network/connection_parts.h"

namespace highwater::server {

// A connection between two cores: it belongs to none, its socket to no reactor.
struct MovingConnection {
  ConnectionParts parts;
  std::size_t listener = 0;  // its place in the options of every Server
  std::unique_ptr<Belongings> belongings;
};

// What takes connections in on one core: its Server.
class ConnectionTaker {
 public:
  virtual void take_over(MovingConnection connection) = 0;

 protected:
  ~ConnectionTaker() = default;
};

class ConnectionExchange {
 public:
  // Outlives every Server and every message of theirs.
  explicit ConnectionExchange(engine::Cores& cores) : cores_(cores), takers_(cores.count(), nullptr) {}

  void attach(engine::CoreIndex core, ConnectionTaker* taker) { takers_[core] = taker; }  // null to leave
  // Where nobody takes connections any more, the node stops and the connection ends.
  void send(engine::CoreIndex to, MovingConnection connection) {
    cores_.post(to, [this, to, connection = std::move(connection)]() mutable {
      if (takers_[to] != nullptr) takers_[to]->take_over(std::move(connection));
    });
  }

 private:
  engine::Cores& cores_;
  std::vector<ConnectionTaker*> takers_;  // by core, each touched on its own core
};

}  // namespace highwater::server
