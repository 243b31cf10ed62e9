// A server with scripted handlers and clients on one simulated network, for the tests of this room.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/quorum/metadata_publisher.h"
#include "io/sim/fabric.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "server/network/server.h"

namespace highwater::server {

using io::Future;
using io::Promise;
using io::Task;
using io::TaskGroup;

// Doors through which the scripted handlers see the test: a request of client "hold-x" waits until x is released, and
// one of "at-1" is about a partition of core 1.
struct ScriptedDoors : Doors {
  std::vector<std::string> events;
  std::map<std::string, Promise<io::Done>, std::less<>> held;

  void release(const std::string& name) { held.at(name).complete({}); }
};

inline Task<Answer> scripted(RequestContext& context) {
  auto& doors = static_cast<ScriptedDoors&>(context.doors);
  const std::string name(context.client_id());
  doors.events.push_back("start " + name);
  if (name.starts_with("at-")) context.peer.affinity.note(static_cast<engine::CoreIndex>(name[3] - '0'));
  if (name.starts_with("hold")) {
    auto [promise, future] = doors.reactor->make_future<io::Done>();
    doors.held.insert_or_assign(name, std::move(promise));
    co_await std::move(future);
  }
  doors.events.push_back("end " + name);
  if (name == "hang-up") co_return Answer{AnswerKind::hang_up, {}, "as the script says"};
  if (name == "silent") co_return Answer{AnswerKind::silent, {}, {}};
  wire::Writer writer;
  pipeline::begin_answer(writer, context.header);
  if (name == "large") writer.slice(Slice::allocate(8 << 20));
  co_return pipeline::take_answer(writer);
}

// The same script without a coroutine of the connection's, as Produce is served.
class ScriptedDirect final : public DirectRequest {
 public:
  ScriptedDirect(RequestContext context, DirectSlot slot)
      : context_(std::move(context)), slot_(slot), tasks_(context_.doors.reactor->ready()) {}
  void begin() override { tasks_.spawn(run()); }
  Answer answer(wire::Writer& out) override {
    for (const Piece& piece : answer_.pieces) out.bytes(piece.bytes.view());
    answer_.pieces.clear();
    return std::move(answer_);
  }

 private:
  Task<void> run() {
    answer_ = co_await scripted(context_);
    slot_.owner.direct_done(slot_.number);
  }

  RequestContext context_;
  DirectSlot slot_;
  Answer answer_;
  TaskGroup tasks_;
};

inline std::unique_ptr<DirectRequest> scripted_direct(RequestContext&& context, DirectSlot slot) {
  return std::make_unique<ScriptedDirect>(std::move(context), slot);
}

inline constexpr Handler scripted_handlers[] = {
    {api::ApiKey::produce, 3, 13, nullptr, ListenerReach::brokers, scripted_direct},
    {api::ApiKey::fetch, 4, 18, scripted},
    {api::ApiKey::api_versions, 0, 4, scripted},
};

inline std::string number(std::int32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

inline std::string request(std::int16_t key, std::int16_t version, std::int32_t correlation, std::string_view client) {
  std::string body =
      number(key << 16 | version) + number(correlation) + number(static_cast<std::int32_t>(client.size())).substr(2);
  body += client;
  return number(static_cast<std::int32_t>(body.size())) + body;
}
inline std::string produce(std::int32_t correlation, std::string_view client) {
  return request(0, 3, correlation, client);
}
inline std::string fetch(std::int32_t correlation, std::string_view client) {
  return request(1, 4, correlation, client);
}

// A client that keeps what it receives; the correlation ids in order are what the tests ask about.
struct Client {
  std::unique_ptr<io::Socket> socket;
  std::string received;
  bool ended = false;
  std::uint16_t port = 9092;

  std::vector<std::int32_t> correlations() const {
    std::vector<std::int32_t> list;
    const ByteView bytes = as_bytes(received);
    for (std::size_t at = 0; at + 8 <= bytes.size();) {
      const auto load = [&](std::size_t from) {
        return bytes[from] << 24 | bytes[from + 1] << 16 | bytes[from + 2] << 8 | bytes[from + 3];
      };
      list.push_back(load(at + 4));
      at += 4 + static_cast<std::size_t>(load(at));
    }
    return list;
  }
};

inline Task<void> receive(io::Reactor& reactor, Client& client, std::string first) {
  const io::Address address{"server", client.port};
  auto socket = co_await reactor.network().connect(address, Duration::from_seconds(2));
  REQUIRE(socket.has_value());
  client.socket = std::move(*socket);
  for (ByteView rest = as_bytes(first); !rest.empty();) {
    const auto taken = client.socket->try_write({&rest, 1});
    if (!taken) break;
    rest = rest.subspan(*taken);
    if (rest.empty()) break;
    const io::IoStatus room = co_await client.socket->writable();
    if (!room) break;
  }
  std::array<std::uint8_t, 4096> buffer;
  for (;;) {
    const io::IoStatus status = co_await client.socket->readable();
    if (!status) break;
    const auto got = client.socket->try_read(buffer);
    if (!got || (got->has_value() && **got == 0)) break;
    if (got->has_value()) client.received += as_text(ByteView(buffer).first(**got));
  }
  client.ended = true;
}

// Sends and then takes nothing.
inline Task<void> send_only(io::Reactor& reactor, Client& client, std::string bytes) {
  const io::Address address{"server", client.port};
  auto socket = co_await reactor.network().connect(address, Duration::from_seconds(2));
  REQUIRE(socket.has_value());
  client.socket = std::move(*socket);
  const ByteView piece = as_bytes(bytes);
  static_cast<void>(client.socket->try_write({&piece, 1}));
}

struct KeptLog final : LogSink {
  LogLevel threshold() const override { return LogLevel::info; }
  void write(const LogLine& line) override { lines.emplace_back(line.text); }
  std::vector<std::string> lines;
};

inline constexpr std::uint16_t client_port = 9092;  // its connections may be closed for those of the other listener
inline constexpr std::uint16_t inside_port = 9093;

class ServerProgram : public io::sim::Program {
 public:
  ServerProgram(io::sim::Process& process, ConnectionLimits limits)
      : table(scripted_handlers),
        cores({&process.reactor(0)}),
        connections(cores, {quota::Protection::closable, quota::Protection::is_protected}) {
    doors.reactor = &process.reactor(0);
    doors.metadata = &publisher;
    ServerOptions options;
    options.listeners.push_back({{"CLIENTS", ListenerKind::broker}, {"", client_port}, &connections, 0});
    options.listeners.push_back({{"INSIDE", ListenerKind::broker}, {"", inside_port}, &connections, 1});
    options.limits = limits;
    server = std::make_unique<Server>(table, doors, std::move(options), Logger(log, "test"));
    stopping = std::make_unique<TaskGroup>(process.reactor(0).ready());
    REQUIRE(server->start().has_value());
  }
  ScriptedDoors doors;
  engine::MetadataPublisher publisher;
  HandlerTable table;
  KeptLog log;
  engine::Cores cores;
  ConnectionOwner connections;
  std::unique_ptr<Server> server;
  std::unique_ptr<TaskGroup> stopping;
};

class ClientProgram : public io::sim::Program {
 public:
  explicit ClientProgram(io::sim::Process& process) : group(process.reactor(0).ready()) {}
  TaskGroup group;
};

// A machine of the server's and a machine of the clients', and the network between them.
class TwoMachines {
 public:
  explicit TwoMachines(std::uint64_t seed)
      : world(seed),
        server_machine(world.add_machine({.name = "server"})),
        client_machine(world.add_machine({.name = "client"})) {}

  void connect(Client& client, std::string first) {
    clients->spawn(receive(client_process->reactor(0), client, std::move(first)));
    run();
  }
  // The world goes on between two pieces, and wherever the connection has no room for more.
  void send(Client& client, std::string_view bytes, std::size_t piece_size = 1 << 20) {
    for (ByteView rest = as_bytes(bytes); !rest.empty();) {
      const ByteView piece = rest.first(std::min(piece_size, rest.size()));
      const auto taken = client.socket->try_write({&piece, 1});
      REQUIRE(taken.has_value());
      rest = rest.subspan(*taken);
      if (!rest.empty()) run(Duration::from_us(200));
    }
  }
  void run(Duration duration = Duration::from_ms(50)) { world.run_for(duration); }
  // `core` sees what the test has changed.
  void kick(engine::CoreIndex core) {
    server_process->reactor(core).kick();
    run();
  }

  io::sim::World world;
  io::sim::Machine& server_machine;
  io::sim::Machine& client_machine;
  io::sim::Process* server_process = nullptr;
  io::sim::Process* client_process = nullptr;
  TaskGroup* clients = nullptr;

 protected:
  // `make` gives the server's program.
  template <class Make>
  void start(std::uint32_t cores, Make make) {
    server_process = &server_machine.start({.cores = cores}, std::move(make));
    client_process = &client_machine.start({}, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
      auto made = std::make_unique<ClientProgram>(process);
      clients = &made->group;
      return made;
    });
    run(Duration::from_ms(10));
  }
};

struct Stage : TwoMachines {
  explicit Stage(ConnectionLimits limits = {}) : TwoMachines(1) {
    start(1, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
      auto made = std::make_unique<ServerProgram>(process, limits);
      program = made.get();
      return made;
    });
  }

  void limit(quota::ConnectionLimits limits) {
    program->connections.set_limits(std::move(limits));
    kick(0);
  }
  void release(const std::string& name) {
    doors().release(name);
    kick(0);
  }
  void send(Client& client, std::string_view bytes) {
    TwoMachines::send(client, bytes);
    run();
  }
  ScriptedDoors& doors() { return program->doors; }
  std::size_t open() const { return program->server->connection_count(); }
  const std::vector<std::string>& log() const { return program->log.lines; }

  ServerProgram* program = nullptr;
};

using Events = std::vector<std::string>;
using Correlations = std::vector<std::int32_t>;

}  // namespace highwater::server
