// The network side of one core: its listeners, its connections, their deadlines. One per core, made and stopped by the
// node; several cores listen on the same ports and the kernel spreads the connections, which move on to the core of
// their partitions. Kafka: SocketServer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "io/socket.h"
#include "io/task.h"
#include "server/network/connection.h"
#include "server/network/connection_exchange.h"
#include "server/network/connection_owner.h"

namespace highwater::server {

struct ListenerSpec {
  ListenerInfo info;
  io::Address address;                     // port 0: any; ask bound() afterwards
  ConnectionOwner* connections = nullptr;  // null: as many as come
  std::uint32_t number = 0;                // what the owner of the connections calls this listener
};

struct ServerOptions {
  std::vector<ListenerSpec> listeners;
  ConnectionLimits limits;
  io::ListenOptions sockets;
  engine::CoreIndex core = 0;
  ConnectionExchange* exchange = nullptr;  // null: connections stay where they were accepted
};

class Server final : private RoomMaker, private ConnectionTaker, private io::TurnEndHook {
 public:
  // `handlers` and `doors` outlive the server.
  Server(const HandlerTable& handlers, Doors& doors, ServerOptions options, Logger log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds all listeners or none; the failure names the listener and the address. Connections queue in the kernel until
  // serve().
  Result<void> listen();
  // Takes connections from now on.
  void serve();
  // Both at once.
  Result<void> start();
  // Takes no new connection and no new request, lets records on their way be answered for at most `stop_time_max`,
  // closes everything.
  io::Task<void> stop();

  struct Bound {
    std::string listener;
    io::Address address;  // with the real port
  };
  const std::vector<Bound>& bound() const { return bound_; }
  std::size_t connection_count() const { return seats_.size(); }
  const NetworkCounters& counters() const { return room_.counters; }
  // What requests of all connections hold: begun, waiting, being served.
  std::size_t request_bytes() const { return room_.memory.used().bytes; }

 private:
  struct Listening {
    const ListenerSpec* spec;
    std::unique_ptr<io::Listener> listener;
  };
  struct Seat {
    Connection* connection;
    const ListenerSpec* listener;
    bool makes_room = false;  // closed for a connection that matters more
  };
  // An order to make room that is being carried out.
  struct Clearance {
    ConnectionOwner* owner;
    std::size_t open;
  };

  io::Task<void> accept(Listening& listening);
  io::Task<void> admit(std::unique_ptr<io::Socket> socket, const ListenerSpec& listener);
  void take(std::unique_ptr<io::Socket> socket, const ListenerSpec& listener);
  io::Task<void> hold(std::unique_ptr<io::Socket> socket, Duration time);
  io::Task<void> serve_one(ConnectionParts parts, const ListenerSpec& listener);
  // The way to another core, and from one.
  void hand_over(Connection& connection, const ListenerSpec& listener, engine::CoreIndex to);
  void take_over(MovingConnection connection) override;
  Seat give_up_seat(const Connection& connection);
  void make_room(ConnectionOwner& owner, std::size_t count) override;
  std::vector<ConnectionOwner*> owners() const;
  void at_turn_end() override;
  void shed_begun_requests();
  void shed_stuck_answers();
  io::Task<void> watch_deadlines();
  io::Task<void> close_late(Instant deadline);
  void leave(Connection& connection, const Seat& seat);

  io::Reactor& reactor_;
  Logger log_;
  ServerOptions options_;
  ConnectionRoom room_;
  std::vector<Listening> listening_;
  std::vector<Bound> bound_;
  std::vector<Seat> seats_;  // in no special order; each connection knows its place
  std::vector<Clearance> clearances_;
  std::size_t held_ = 0;
  bool stopping_ = false;
  io::TaskGroup background_;
  io::TaskGroup serving_;  // last: its frames hold the connections and go first
};

}  // namespace highwater::server
