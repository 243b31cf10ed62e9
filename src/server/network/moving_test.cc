// Connections that move between two cores of one node.
#include "server/network/connection_exchange.h"
#include "server/network/test_stage.h"

namespace highwater::server {
namespace {

constexpr std::size_t enough = 2 * CoreAffinity::first_need;

class TwoCores : public io::sim::Program {
 public:
  explicit TwoCores(io::sim::Process& process)
      : table(scripted_handlers),
        cores({&process.reactor(0), &process.reactor(1)}),
        connections(cores, {quota::Protection::closable}),
        exchange(cores) {
    for (engine::CoreIndex core = 0; core < 2; ++core) {
      doors[core].reactor = &process.reactor(core);
      doors[core].metadata = &publishers[core];
      ServerOptions options;
      options.listeners.push_back({{"CLIENTS", ListenerKind::broker}, {"", client_port}, &connections, 0});
      options.core = core;
      options.exchange = &exchange;
      servers[core] = std::make_unique<Server>(table, doors[core], std::move(options), Logger(log, "test"));
      stopping[core] = std::make_unique<TaskGroup>(process.reactor(core).ready());
      REQUIRE(servers[core]->start().has_value());
    }
  }
  void stop() {
    for (engine::CoreIndex core = 0; core < 2; ++core) stopping[core]->spawn(servers[core]->stop());
  }

  std::array<ScriptedDoors, 2> doors;
  std::array<engine::MetadataPublisher, 2> publishers;
  HandlerTable table;
  KeptLog log;
  engine::Cores cores;
  ConnectionOwner connections;
  ConnectionExchange exchange;
  std::array<std::unique_ptr<Server>, 2> servers;
  std::array<std::unique_ptr<TaskGroup>, 2> stopping;
};

// One client that has been answered once; `here` is the core that has its connection.
struct MovingStage : TwoMachines {
  explicit MovingStage(std::uint64_t seed = 1) : TwoMachines(seed) {
    start(2, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
      auto made = std::make_unique<TwoCores>(process);
      program = made.get();
      return made;
    });
    connect(client, produce(1, "first"));
    REQUIRE(client.correlations() == Correlations{1});
    here = open(0) == 1 ? 0 : 1;
    there = 1 - here;
  }

  std::string to_there() const { return "at-" + std::to_string(there); }
  // So many more requests about partitions of the other core.
  std::string requests(std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += produce(++last, to_there());
    return bytes;
  }
  void send(std::string_view bytes, std::size_t piece_size = 1 << 20) { TwoMachines::send(client, bytes, piece_size); }
  // The one request more makes it move; `after` that the move is anywhere on its way, or done.
  void begin_to_move(Duration after) {
    send(requests(enough));
    run();
    send(requests(1));
    run(after);
  }
  void release(const std::string& name) {
    doors(here).release(name);
    kick(here);
  }
  bool answered_all_in_order() const {
    Correlations expected;
    for (std::int32_t i = 1; i <= last; ++i) expected.push_back(i);
    return client.correlations() == expected;
  }
  ScriptedDoors& doors(engine::CoreIndex core) { return program->doors[core]; }
  std::size_t open(engine::CoreIndex core) const { return program->servers[core]->connection_count(); }
  const NetworkCounters& counters(engine::CoreIndex core) const { return program->servers[core]->counters(); }

  TwoCores* program = nullptr;
  Client client;
  std::int32_t last = 1;
  engine::CoreIndex here = 0;
  engine::CoreIndex there = 1;
};

constexpr std::int64_t move_us = 400;  // longer than a move takes

}  // namespace

TEST_CASE("a connection moves to the core of its partitions and loses nothing on the way") {
  for (const std::size_t piece : {7u, 100u, 4096u}) {
    MovingStage stage(piece);
    stage.send(stage.requests(500), piece);
    stage.run(Duration::from_seconds(1));
    stage.send(stage.requests(3));
    stage.run();
    CHECK(stage.answered_all_in_order());
    CHECK(stage.open(stage.here) == 0);
    CHECK(stage.open(stage.there) == 1);
    CHECK(stage.counters(stage.here).moved_away == 1);
    CHECK(stage.counters(stage.there).moved_here == 1);
    CHECK(stage.doors(stage.there).events.back() == "end " + stage.to_there());
    for (const auto& server : stage.program->servers) CHECK(server->request_bytes() == 0);
  }
}

TEST_CASE("a connection stays until all that it has read is answered") {
  MovingStage stage;
  stage.send(produce(++stage.last, "hold-it") + stage.requests(enough));
  stage.run();
  stage.send(stage.requests(enough));
  stage.run();
  CHECK(stage.open(stage.here) == 1);
  CHECK(stage.doors(stage.there).events.empty());
  CHECK(stage.client.correlations() == Correlations{1});
  stage.release("hold-it");
  CHECK(stage.open(stage.there) == 1);
  CHECK(stage.answered_all_in_order());
  CHECK(stage.doors(stage.there).events.size() == 2 * enough);
}

TEST_CASE("a connection with a parked fetch is watched for its end instead of moved") {
  MovingStage stage;
  stage.send(stage.requests(enough) + fetch(++stage.last, "hold-it"));
  stage.run();
  stage.send(stage.requests(1));
  stage.run();
  CHECK(stage.open(stage.here) == 1);
  stage.client.socket->close();
  stage.run();
  CHECK(stage.open(stage.here) == 0);
  CHECK_FALSE(stage.doors(stage.here).held.at("hold-it").wanted());
}

TEST_CASE("a connection that moves is counted once, and counted out where it ends") {
  MovingStage stage;
  const auto connections = [&] { return stage.program->connections.quotas().connections(); };
  stage.begin_to_move(Duration::from_ms(100));
  REQUIRE(stage.open(stage.there) == 1);
  CHECK(connections() == 1);
  stage.client.socket->close();
  stage.run();
  CHECK(stage.open(stage.there) == 0);
  CHECK(connections() == 0);
}

TEST_CASE("a stop at any time of a move ends the connection") {
  for (std::int64_t after = 0; after < move_us; after += 8) {
    MovingStage stage;
    stage.begin_to_move(Duration::from_us(after));
    stage.program->stop();
    for (engine::CoreIndex core = 0; core < 2; ++core) stage.server_process->reactor(core).kick();
    stage.run(Duration::from_seconds(10));
    CHECK(stage.client.ended);
    CHECK(stage.program->connections.quotas().connections() == 0);
    for (const auto& group : stage.program->stopping) CHECK(group->size() == 0);
  }
}

TEST_CASE("a process that dies at any time of a move takes the connection along") {
  for (std::int64_t after = 0; after < move_us; after += 8) {
    MovingStage stage;
    stage.begin_to_move(Duration::from_us(after));
    stage.server_machine.kill(*stage.server_process);
    stage.run(Duration::from_seconds(1));
    CHECK(stage.client.ended);
  }
}

}  // namespace highwater::server
