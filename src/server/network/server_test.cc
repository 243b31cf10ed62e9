#include "server/network/server.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "engine/quorum/metadata_publisher.h"
#include "io/sim/fabric.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"

namespace highwater::server {
namespace {

using io::Future;
using io::Promise;
using io::Task;
using io::TaskGroup;

// Doors through which the scripted handlers see the test: a request of client "hold-x" waits until x is released.
struct ScriptedDoors : Doors {
  std::vector<std::string> events;
  std::map<std::string, Promise<io::Done>, std::less<>> held;

  void release(const std::string& name) { held.at(name).complete({}); }
};

Task<Answer> scripted(RequestContext& context) {
  auto& doors = static_cast<ScriptedDoors&>(context.doors);
  const std::string name(context.client_id());
  doors.events.push_back("start " + name);
  if (name.starts_with("hold")) {
    auto [promise, future] = doors.reactor->make_future<io::Done>();
    doors.held.insert_or_assign(name, std::move(promise));
    co_await std::move(future);
  }
  doors.events.push_back("end " + name);
  if (name == "hang-up") co_return Answer{AnswerKind::hang_up, {}, "as the script says"};
  if (name == "silent") co_return Answer{AnswerKind::silent, {}, {}};
  wire::Writer writer;
  pipeline::begin_answer(writer, context);
  if (name == "large") writer.slice(Slice::allocate(8 << 20));
  co_return pipeline::end_answer(writer);
}

constexpr Handler scripted_handlers[] = {
    {api::ApiKey::produce, 3, 13, scripted},
    {api::ApiKey::fetch, 4, 18, scripted},
    {api::ApiKey::api_versions, 0, 4, scripted},
};

std::string number(std::int32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string request(std::int16_t key, std::int16_t version, std::int32_t correlation, std::string_view client) {
  std::string body =
      number(key << 16 | version) + number(correlation) + number(static_cast<std::int32_t>(client.size())).substr(2);
  body += client;
  return number(static_cast<std::int32_t>(body.size())) + body;
}
std::string produce(std::int32_t correlation, std::string_view client) { return request(0, 3, correlation, client); }
std::string fetch(std::int32_t correlation, std::string_view client) { return request(1, 4, correlation, client); }

// A client that keeps what it receives; the correlation ids in order are what the tests ask about.
struct Client {
  std::unique_ptr<io::Socket> socket;
  std::string received;
  bool ended = false;

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

Task<void> receive(io::Reactor& reactor, Client& client, std::string first) {
  const io::Address address{"server", 9092};
  auto socket = co_await reactor.network().connect(address, Duration::from_seconds(2));
  REQUIRE(socket.has_value());
  client.socket = std::move(*socket);
  const ByteView piece = as_bytes(first);
  static_cast<void>(client.socket->try_write({&piece, 1}));
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
Task<void> send_only(io::Reactor& reactor, Client& client, std::string bytes) {
  const io::Address address{"server", 9092};
  auto socket = co_await reactor.network().connect(address, Duration::from_seconds(2));
  REQUIRE(socket.has_value());
  client.socket = std::move(*socket);
  const ByteView piece = as_bytes(bytes);
  static_cast<void>(client.socket->try_write({&piece, 1}));
}

class ServerProgram : public io::sim::Program {
 public:
  ServerProgram(io::sim::Process& process, ScriptedDoors& doors, ConnectionLimits limits) : table(scripted_handlers) {
    doors.reactor = &process.reactor(0);
    doors.metadata = &publisher;
    ServerOptions options;
    options.listeners.push_back({{"PLAINTEXT", ListenerKind::broker}, {"", 9092}});
    options.limits = limits;
    server = std::make_unique<Server>(table, doors, std::move(options), Logger(silent_log_sink(), "test"));
    stopping = std::make_unique<TaskGroup>(process.reactor(0).ready());
    REQUIRE(server->start().has_value());
  }
  engine::MetadataPublisher publisher;
  HandlerTable table;
  std::unique_ptr<Server> server;
  std::unique_ptr<TaskGroup> stopping;
};

class ClientProgram : public io::sim::Program {
 public:
  explicit ClientProgram(io::sim::Process& process) : group(process.reactor(0).ready()) {}
  TaskGroup group;
};

struct Stage {
  explicit Stage(ConnectionLimits limits = {})
      : world(1),
        server_machine(world.add_machine({.name = "server"})),
        client_machine(world.add_machine({.name = "client"})) {
    server_process = &server_machine.start({}, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
      auto made = std::make_unique<ServerProgram>(process, doors, limits);
      program = made.get();
      return made;
    });
    client_process = &client_machine.start({}, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
      auto made = std::make_unique<ClientProgram>(process);
      clients = &made->group;
      return made;
    });
    world.run_for(Duration::from_ms(10));
  }

  void connect(Client& client, std::string first) {
    clients->spawn(receive(client_process->reactor(0), client, std::move(first)));
    run();
  }
  void send(Client& client, std::string bytes) {
    for (ByteView rest = as_bytes(bytes); !rest.empty();) {
      const auto taken = client.socket->try_write({&rest, 1});
      REQUIRE(taken.has_value());
      rest = rest.subspan(*taken);
      run();
    }
  }
  void run(Duration duration = Duration::from_ms(50)) { world.run_for(duration); }
  void release(const std::string& name) {
    doors.release(name);
    server_process->reactor(0).kick();
    run();
  }

  ScriptedDoors doors;
  io::sim::World world;
  io::sim::Machine& server_machine;
  io::sim::Machine& client_machine;
  io::sim::Process* server_process = nullptr;
  io::sim::Process* client_process = nullptr;
  ServerProgram* program = nullptr;
  TaskGroup* clients = nullptr;
};

using Events = std::vector<std::string>;
using Correlations = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("produce overlaps produce and answers leave in the order of the requests") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "hold-a") + produce(2, "b") + produce(3, "hold-c"));
  CHECK(stage.doors.events == Events{"start hold-a", "start b", "end b", "start hold-c"});
  CHECK(client.received.empty());
  stage.release("hold-c");
  CHECK(client.received.empty());
  stage.release("hold-a");
  CHECK(client.correlations() == Correlations{1, 2, 3});
}

TEST_CASE("any other request starts when all earlier ones of its connection are answered") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "hold-a") + fetch(2, "hold-b") + produce(3, "c"));
  CHECK(stage.doors.events == Events{"start hold-a"});
  stage.release("hold-a");
  CHECK(stage.doors.events == Events{"start hold-a", "end hold-a", "start hold-b"});
  CHECK(client.correlations() == Correlations{1});
  stage.release("hold-b");
  CHECK(client.correlations() == Correlations{1, 2, 3});
}

TEST_CASE("a request without an answer leaves no bytes and holds up nobody") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "silent") + produce(2, "b"));
  CHECK(client.correlations() == Correlations{2});
  CHECK_FALSE(client.ended);
}

TEST_CASE("a handler that hangs up closes after the earlier answers and before the later ones") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "hold-a") + produce(2, "hang-up") + produce(3, "c"));
  CHECK_FALSE(client.ended);
  stage.release("hold-a");
  CHECK(client.correlations() == Correlations{1});
  CHECK(client.ended);
  CHECK(stage.program->server->connection_count() == 0);
}

TEST_CASE("what cannot be served closes the connection after the earlier answers") {
  for (const std::string& bad :
       {request(32767, 0, 9, "x"), request(-1, 0, 9, "x"), request(1, 99, 9, "x"), request(1, 3, 9, "x"),
        request(3, 1, 9, "x"), number(0), number(3) + "abc", number(-1), number(0x7fffffff),
        number(10) + number(4 << 0) + number(1) + std::string("\x7f\xff")}) {
    Stage stage;
    Client client;
    stage.connect(client, fetch(7, "a") + bad + fetch(8, "b"));
    CHECK(client.correlations() == Correlations{7});
    CHECK(client.ended);
  }
}

TEST_CASE("an unknown version of ApiVersions is answered in version 0 and the connection goes on") {
  Stage stage;
  Client client;
  stage.connect(client, request(18, 99, 5, "a") + request(18, 0, 6, "b"));
  CHECK(client.correlations() == Correlations{5, 6});
  const std::string body = client.received.substr(8, 2 + 4 + 6);
  CHECK(body == std::string("\0\x23\0\0\0\x01\0\x12\0\0\0\x04", 12));
  CHECK_FALSE(client.ended);
}

TEST_CASE("a request that does not arrive in time is given up, and an idle connection too") {
  ConnectionLimits limits;
  limits.frame_time_max = Duration::from_ms(400);
  limits.idle_time_max = Duration::from_seconds(3);
  Stage stage(limits);
  Client slow;
  stage.connect(slow, number(100) + "begun");
  Client quiet;
  stage.connect(quiet, fetch(1, "a"));
  stage.run(Duration::from_ms(600));
  CHECK(slow.ended);
  CHECK_FALSE(quiet.ended);
  stage.run(Duration::from_seconds(3));
  CHECK(quiet.ended);
}

TEST_CASE("a client that goes away frees its parked request") {
  Stage stage;
  Client client;
  stage.connect(client, fetch(1, "hold-a"));
  CHECK(stage.program->server->connection_count() == 1);
  client.socket->close();
  stage.run();
  CHECK(stage.program->server->connection_count() == 0);
  CHECK_FALSE(stage.doors.held.at("hold-a").wanted());
}

TEST_CASE("large answers leave as the client takes them") {
  Stage stage;
  Client client;
  stage.connect(client, fetch(1, "large") + fetch(2, "b"));
  stage.run(Duration::from_seconds(20));
  CHECK(client.correlations() == Correlations{1, 2});
}

TEST_CASE("a client that does not take its answers is given up") {
  ConnectionLimits limits;
  limits.write_time_max = Duration::from_ms(400);
  Stage stage(limits);
  Client client;
  stage.clients->spawn(send_only(stage.client_process->reactor(0), client, fetch(1, "large")));
  stage.run();
  CHECK(stage.program->server->connection_count() == 1);
  stage.run(Duration::from_seconds(2));
  CHECK(stage.program->server->connection_count() == 0);
  CHECK(stage.program->server->counters().timed_out == 1);
}

TEST_CASE("a connection with too much waiting is not read until it has room") {
  Stage stage;
  Client client;
  stage.connect(client, fetch(1, "hold-a"));
  for (int part = 0; part < 4; ++part) {
    std::string waiting;
    for (int i = 0; i < 90; ++i) waiting += fetch(90 * part + i + 2, std::string(1000, 'w'));
    stage.send(client, waiting);
  }
  CHECK(stage.program->server->counters().bytes_in < 350'000);
  stage.release("hold-a");
  stage.run(Duration::from_seconds(2));
  CHECK(client.correlations().size() == 361);
}

TEST_CASE("stopping waits for records on their way and for nothing else") {
  Stage stage;
  Client producer;
  Client consumer;
  stage.connect(producer, produce(1, "hold-a"));
  stage.connect(consumer, fetch(1, "hold-b"));
  stage.program->stopping->spawn(stage.program->server->stop());
  stage.server_process->reactor(0).kick();
  stage.run();
  CHECK(consumer.ended);
  CHECK_FALSE(producer.ended);
  stage.release("hold-a");
  CHECK(producer.correlations() == Correlations{1});
  CHECK(producer.ended);
  CHECK(stage.program->stopping->size() == 0);
}

TEST_CASE("a kill at any await leaves nothing behind") {
  for (std::uint64_t count = 1; count < 40; ++count) {
    Stage stage;
    stage.server_process->kill_after_resumptions(count);
    Client client;
    stage.connect(client, produce(1, "a") + produce(2, "b") + fetch(3, "c") + fetch(4, "large"));
    stage.run(Duration::from_seconds(1));
  }
}

}  // namespace highwater::server
