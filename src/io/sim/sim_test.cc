#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "io/sim/fabric.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"

namespace highwater::io::sim {
namespace {

// A program is a group of coroutines on core 0; what it saw goes to a log that outlives it.
class Coroutines : public Program {
 public:
  explicit Coroutines(Process& process) : group(process.reactor(0).ready()) {}
  TaskGroup group;
};

using Log = std::vector<std::string>;

Task<IoStatus> send_all(Socket& socket, std::string text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ByteView piece = as_bytes(text).subspan(sent);
    const auto taken = socket.try_write({&piece, 1});
    if (!taken.has_value()) co_return std::unexpected(taken.error());
    sent += *taken;
    if (*taken == 0) {
      const IoStatus status = co_await socket.writable();
      if (!status.has_value()) co_return status;
    }
  }
  co_return IoStatus{};
}

// Reads until `length` bytes are there, the stream ends, or it fails.
Task<IoResult<std::string>> receive_all(Socket& socket, std::size_t length) {
  std::string text;
  std::array<std::uint8_t, 4096> buffer;
  while (text.size() < length) {
    const auto taken = socket.try_read(buffer);
    if (!taken.has_value()) co_return std::unexpected(taken.error());
    if (taken->has_value()) {
      if (**taken == 0) break;
      text += as_text(ByteView(buffer).first(**taken));
    } else {
      const IoStatus status = co_await socket.readable();
      if (!status.has_value()) co_return std::unexpected(status.error());
    }
  }
  co_return IoResult<std::string>(std::move(text));
}

Task<void> echo_one(std::unique_ptr<Socket> socket) {
  for (;;) {
    auto text = co_await receive_all(*socket, 10);
    if (!text.has_value() || text->empty()) co_return;
    const IoStatus status = co_await send_all(*socket, std::move(*text));
    if (!status.has_value()) co_return;
  }
}

Task<void> echo_server(SimReactor& reactor, TaskGroup& group) {
  auto listener = reactor.network().listen({"", 9092}, {16});
  HW_CHECK(listener.has_value());
  for (;;) {
    auto socket = co_await (*listener)->accept();
    if (!socket.has_value()) co_return;
    group.spawn(echo_one(std::move(*socket)));
  }
}

Task<void> echo_client(SimReactor& reactor, std::string host, Log& log) {
  for (int round = 0; round < 20; ++round) {
    const Address address{host, 9092};
    auto socket = co_await reactor.network().connect(address, Duration::from_seconds(2));
    if (!socket.has_value()) {
      log.push_back(io_error_text(socket.error()));
      co_await reactor.sleep_until(reactor.now() + Duration::from_ms(50));
      continue;
    }
    for (int i = 0; i < 5; ++i) {
      const IoStatus status = co_await send_all(**socket, "0123456789");
      auto text = co_await receive_all(**socket, 10);
      if (!status.has_value() || !text.has_value()) {
        log.push_back(io_error_text(text.has_value() ? status.error() : text.error()));
        break;
      }
      log.push_back(*text);
    }
  }
}

std::unique_ptr<Program> start_server(Process& process) {
  auto program = std::make_unique<Coroutines>(process);
  program->group.spawn(echo_server(process.reactor(0), program->group));
  return program;
}

Machine::Factory start_client(std::string host, Log& log) {
  return [host, &log](Process& process) -> std::unique_ptr<Program> {
    auto program = std::make_unique<Coroutines>(process);
    program->group.spawn(echo_client(process.reactor(0), host, log));
    return program;
  };
}

std::uint64_t echo_world(std::uint64_t seed, Log& log) {
  World world(seed);
  Machine& server = world.add_machine({.name = "server", .drift_ppm = 150});
  Machine& client = world.add_machine({.name = "client", .drift_ppm = -90});
  Process& process = server.start({}, start_server);
  client.start({}, start_client("server", log));
  Random faults = world.stream(Purpose::faults);
  for (int i = 1; i < 10; ++i) {
    world.at(Instant{} + Duration::from_ms(5 * i), [&] { world.fabric().reset_one(client, faults); });
  }
  world.at(Instant{} + Duration::from_ms(30), [&] { server.kill(process); });
  world.at(Instant{} + Duration::from_ms(300), [&] { server.start({}, start_server); });
  world.run_until(Instant{} + Duration::from_seconds(10));
  return world.trace_hash();
}

}  // namespace

TEST_CASE("one seed is one run, whatever the heap holds; another seed is another run") {
  Log first_log;
  const std::uint64_t first = echo_world(7, first_log);
  std::vector<std::unique_ptr<std::string>> filler;
  for (std::size_t i = 0; i < 1000; ++i) filler.push_back(std::make_unique<std::string>(i, 'x'));
  for (std::size_t i = 0; i < 1000; i += 2) filler[i].reset();
  Log second_log;
  const std::uint64_t second = echo_world(7, second_log);
  Log other_log;
  CHECK(first == second);
  CHECK(first_log == second_log);
  CHECK(first != echo_world(8, other_log));
  CHECK(std::count(first_log.begin(), first_log.end(), "0123456789") > 20);
  CHECK(std::count(first_log.begin(), first_log.end(), "connection reset by peer") > 0);
  CHECK(std::count(first_log.begin(), first_log.end(), "connection refused") > 0);
}

TEST_CASE("a cut way stalls a connection, and healing it lets the bytes arrive") {
  World world(1);
  Machine& server = world.add_machine({.name = "server"});
  Machine& client = world.add_machine({.name = "client"});
  server.start({}, start_server);
  Log log;
  client.start({}, start_client("server", log));
  world.run_for(Duration::from_ms(20));
  world.fabric().cut(server, client);
  world.run_for(Duration::from_ms(50));
  const std::size_t during = log.size();
  world.run_for(Duration::from_seconds(5));
  CHECK(log.size() == during);
  world.fabric().heal_all();
  world.run_for(Duration::from_seconds(5));
  CHECK(log.size() == 100);
}

TEST_CASE("a power cut is silent: the peer waits, and learns of it when the machine is back") {
  World world(2);
  Machine& server = world.add_machine({.name = "server"});
  Machine& client = world.add_machine({.name = "client"});
  server.start({}, start_server);
  Log log;
  client.start({}, start_client("server", log));
  world.run_for(Duration::from_ms(10));
  server.power_cut();
  const std::size_t before = log.size();
  world.run_for(Duration::from_seconds(3));
  CHECK(log.size() == before);
  server.boot();
  server.start({}, start_server);
  world.run_for(Duration::from_seconds(10));
  CHECK(log.size() > before);
  CHECK(log.back() == "0123456789");
}

TEST_CASE("a full pipe takes no more, and goes on when the reader reads") {
  World world(3);
  world.fabric().conditions().pipe_capacity = 1000;
  Machine& server = world.add_machine({.name = "server"});
  Machine& client = world.add_machine({.name = "client"});
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Socket> accepted;
  std::unique_ptr<Socket> dialled;
  Process& served = server.start({}, [](Process&) { return nullptr; });
  Process& serving = client.start({}, [](Process&) { return nullptr; });
  listener = std::move(*served.reactor(0).network().listen({"", 1}, {1}));
  auto dial = serving.reactor(0).network().connect({"server", 1}, Duration::from_seconds(1));
  world.run_for(Duration::from_ms(100));
  auto accept = listener->accept();
  TaskGroup group(serving.reactor(0).ready());
  REQUIRE(accept.is_ready());
  accepted = std::move(*std::move(accept).operator co_await().await_resume());
  REQUIRE(dial.is_ready());
  dialled = std::move(*std::move(dial).operator co_await().await_resume());
  const std::string text(5000, 'a');
  const ByteView piece = as_bytes(text);
  std::size_t sent = 0;
  for (int i = 0; i < 10; ++i) sent += *dialled->try_write({&piece, 1});
  CHECK(sent == 1000);
  auto room = dialled->writable();
  world.run_for(Duration::from_ms(100));
  CHECK_FALSE(room.is_ready());
  std::array<std::uint8_t, 600> buffer;
  CHECK(**accepted->try_read(buffer) == 600);
  world.run_for(Duration::from_ms(100));
  CHECK(room.is_ready());
  CHECK(*dialled->try_write({&piece, 1}) > 0);
}

TEST_CASE("clocks differ, drift and jump, and timers keep their order") {
  World world(4);
  Machine& fast = world.add_machine({.name = "fast", .wall_offset_ms = 5'000, .drift_ppm = 1'000});
  Machine& slow = world.add_machine({.name = "slow", .drift_ppm = -1'000});
  const Instant fast_start = fast.local_now();
  const Instant slow_start = slow.local_now();
  std::vector<int> order;
  Process& process = fast.start({}, [](Process&) { return nullptr; });
  SimReactor& reactor = process.reactor(0);
  TaskGroup group(reactor.ready());
  const auto sleeper = [](SimReactor& on, Instant deadline, std::vector<int>& log, int id) -> Task<void> {
    co_await on.sleep_until(deadline);
    log.push_back(on.now() < deadline ? -id : id);
  };
  const Instant deadline = fast_start + Duration::from_ms(333);
  for (int id = 1; id <= 5; ++id) group.spawn(sleeper(reactor, deadline, order, id));
  world.run_until(Instant{} + Duration::from_seconds(1000));
  CHECK(order == std::vector<int>{1, 2, 3, 4, 5});
  CHECK((fast.local_now() - fast_start).ms() == 1'001'000);
  CHECK((slow.local_now() - slow_start).ms() == 999'000);
  CHECK(fast.wall_now().ms - slow.wall_now().ms == 7'000);
  slow.jump_wall_clock(-60'000);
  CHECK(fast.wall_now().ms - slow.wall_now().ms == 67'000);
}

TEST_CASE("killing one machine leaves the trace hashes of unrelated machines unchanged") {
  const auto run = [](bool kill) {
    World world(5);
    std::vector<Log> logs(2);
    std::vector<Process*> servers;
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string server = "server" + std::to_string(i);
      Machine& machine = world.add_machine({.name = server});
      servers.push_back(&machine.start({}, start_server));
      world.add_machine({.name = "client" + std::to_string(i)}).start({}, start_client(server, logs[i]));
    }
    world.run_for(Duration::from_ms(15));
    if (kill) world.find_machine("server0")->kill(*servers[0]);
    world.run_for(Duration::from_seconds(5));
    return std::array{world.find_machine("server0")->trace_hash(), world.find_machine("server1")->trace_hash(),
                      world.find_machine("client1")->trace_hash()};
  };
  const auto calm = run(false);
  const auto killed = run(true);
  CHECK(calm[0] != killed[0]);
  CHECK(calm[1] == killed[1]);
  CHECK(calm[2] == killed[2]);
}

}  // namespace highwater::io::sim
