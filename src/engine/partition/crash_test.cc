// A program that appends, reads and restarts, killed at every await and cut from power at many moments: what was
// acknowledged is there, nothing is there twice, nothing else is there.
#include <doctest/doctest.h>

#include "engine/partition/test_node.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"

namespace highwater::engine {
namespace {

using io::sim::Machine;
using io::sim::Process;
using io::sim::Program;
using io::sim::World;

constexpr int batches = 12;

// What the client knows, over all lives of the node.
struct Ledger {
  int acknowledged = 0;  // batches, in order
  Epoch epoch = 0;
  std::vector<std::string> seen;
  bool finished = false;
};

std::string value_of(int i) { return "value-" + std::to_string(i) + std::string(300, '.'); }

class Running : public Program {
 public:
  Running(Process& process, const configs::TopicSettings& settings, Ledger& to)
      : ledger(to), node({&process.reactor(0)}, "/data", settings) {}
  Ledger& ledger;
  TestNode node;
};

// Retries from the first unacknowledged batch on, as an idempotent producer does after a restart of the broker.
io::Task<void> produce(TestNode& node, Ledger& ledger) {
  co_await node.start(1, ledger.epoch++);
  while (ledger.acknowledged < batches) {
    const int next = ledger.acknowledged;
    auto outcome = co_await node.append(idempotent_batch(value_of(next), next));
    if (outcome.error != ErrorCode::none) co_return;
    CHECK(outcome.base_offset == next);
    ledger.acknowledged = next + 1;
  }
  auto read = co_await node.read(0, 0, 1 << 20);
  CHECK(read.error == ErrorCode::none);
  ledger.seen = values_in(read);
  co_await node.stop();
  ledger.finished = true;
}

io::Task<void> look(TestNode& node, Ledger& ledger) {
  co_await node.start(1, ledger.epoch++);
  ledger.seen.clear();
  for (;;) {
    auto read = co_await node.read(static_cast<Offset>(ledger.seen.size()), 0, 1);
    REQUIRE(read.error == ErrorCode::none);
    if (read.records.empty()) break;
    for (std::string& value : values_in(read)) ledger.seen.push_back(std::move(value));
  }
  ledger.finished = true;
}

configs::TopicSettings tiny_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 1200;
  settings.index_interval_bytes = 500;
  return settings;
}

using Life = io::Task<void> (*)(TestNode&, Ledger&);

Process& begin(Machine& machine, Ledger& ledger, Life life) {
  return machine.start({}, [&ledger, life](Process& process) -> std::unique_ptr<Program> {
    auto program = std::make_unique<Running>(process, tiny_segments(), ledger);
    program->node.tasks.spawn(life(program->node, ledger));
    return program;
  });
}

void check_what_is_there(Machine& machine, Ledger& ledger) {
  for (auto* process = machine.processes().empty() ? nullptr : machine.processes().front().get(); process != nullptr;
       process = nullptr)
    machine.kill(*process);
  ledger.finished = false;
  Process& process = begin(machine, ledger, look);
  machine.world().run_for(Duration::from_seconds(5));
  REQUIRE(ledger.finished);
  machine.kill(process);
  REQUIRE(static_cast<int>(ledger.seen.size()) >= ledger.acknowledged);
  for (std::size_t i = 0; i < ledger.seen.size(); ++i) REQUIRE(ledger.seen[i] == value_of(static_cast<int>(i)));
}

TEST_CASE("killed at any await, the log holds every acknowledged batch once and goes on") {
  std::uint64_t longest = 0;
  for (std::uint64_t resumptions = 1;; ++resumptions) {
    World world(resumptions);
    Machine& machine = world.add_machine({.name = "m"});
    Ledger ledger;
    Process& process = begin(machine, ledger, produce);
    process.kill_after_resumptions(resumptions);
    world.run_for(Duration::from_seconds(5));
    if (ledger.finished) break;
    longest = resumptions;
    check_what_is_there(machine, ledger);
    // And the producer finishes its work against what is there.
    ledger.finished = false;
    begin(machine, ledger, produce);
    world.run_for(Duration::from_seconds(5));
    REQUIRE(ledger.finished);
    check_what_is_there(machine, ledger);
    REQUIRE(ledger.seen.size() == batches);
  }
  CHECK(longest > 100);
}

TEST_CASE("cut from power at any moment, the log holds every acknowledged batch once and goes on") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    World world(seed);
    Machine& machine = world.add_machine({.name = "m"});
    Ledger ledger;
    begin(machine, ledger, produce);
    world.run_for(Duration::from_us(static_cast<std::int64_t>(seed) * 1000));
    const bool finished = ledger.finished;
    machine.power_cut();
    machine.boot();
    check_what_is_there(machine, ledger);
    if (finished) continue;
    ledger.finished = false;
    begin(machine, ledger, produce);
    world.run_for(Duration::from_seconds(5));
    REQUIRE(ledger.finished);
    machine.power_cut();
    machine.boot();
    check_what_is_there(machine, ledger);
    REQUIRE(ledger.seen.size() == batches);
  }
}

}  // namespace
}  // namespace highwater::engine
