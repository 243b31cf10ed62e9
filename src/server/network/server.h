// The network side of one core: its listeners, its connections, their deadlines. One per core, made and stopped by the
// node; several cores listen on the same ports and the kernel spreads the connections. Kafka: SocketServer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "io/socket.h"
#include "io/task.h"
#include "server/network/connection.h"

namespace highwater::server {

struct ListenerSpec {
  ListenerInfo info;
  io::Address address;  // port 0: any; ask bound() afterwards
};

struct ServerOptions {
  std::vector<ListenerSpec> listeners;
  ConnectionLimits limits;
  io::ListenOptions sockets;
};

class Server {
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
  std::size_t connection_count() const { return connections_.size(); }
  const NetworkCounters& counters() const { return room_.counters; }

 private:
  struct Listening {
    const ListenerInfo* info;
    std::unique_ptr<io::Listener> listener;
  };

  io::Task<void> accept(Listening& listening);
  io::Task<void> serve_one(std::unique_ptr<io::Socket> socket, const ListenerInfo& info);
  io::Task<void> watch_deadlines();
  io::Task<void> close_late(Instant deadline);
  void leave(Connection& connection);

  io::Reactor& reactor_;
  Logger log_;
  ServerOptions options_;
  ConnectionRoom room_;
  std::vector<Listening> listening_;
  std::vector<Bound> bound_;
  std::vector<Connection*> connections_;  // in no special order; each knows its place
  io::TaskGroup background_;
  io::TaskGroup serving_;  // last: its frames hold the connections and go first
};

}  // namespace highwater::server
