// A topic is deleted and made anew under its name, and the power goes at many moments: the new log never stands where
// the checkpoints say that the old one stood.
#include <doctest/doctest.h>

#include <deque>

#include "engine/partition/test_rig.h"
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

constexpr std::size_t batches = 30;
constexpr std::size_t in_flight_max = 4;

// What the client knows, over all lives of the node.
struct Ledger {
  Offset old_start = 0;
  bool old_is_gone = false;  // the metadata knows the new topic from here on
  std::size_t acknowledged = 0;
  std::vector<std::string> seen;
  std::uint32_t cores = 1;
  bool finished = false;
};

class Running : public Program {
 public:
  explicit Running(std::vector<io::Reactor*> reactors) : node(std::move(reactors), "/data") {}
  TestNode node;
};

std::string value_of(std::size_t i) { return "new-" + std::to_string(i) + std::string(3000, '.'); }

TopicPartition recreated() { return {Uuid::from_halves(0xABCD, 0x9999), 0}; }

void assign(TestNode& node, const TopicPartition& partition) {
  node.host_of(partition).assign(test_assignment(partition), {});
}

io::Future<std::vector<AppendOutcome>> begin_append(TestNode& node, std::size_t number) {
  std::vector<AppendPart> parts;
  parts.push_back({recreated(), one_record(value_of(number))});
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  return node.door().append(std::move(parts), options);
}

io::Task<void> checkpoint(TestNode& node, std::vector<LogPosition> positions) {
  auto written = co_await node.directories().checkpoint_high_watermarks(positions);
  CHECK(written.has_value());
  written = co_await node.directories().checkpoint_recovery_points(positions);
  CHECK(written.has_value());
  written = co_await node.directories().checkpoint_log_starts(std::move(positions));
  CHECK(written.has_value());
}

// Rounds as a node makes them, without a pause.
io::Task<void> checkpoint_for_ever(TestNode& node) {
  for (;;) {
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(700));
    auto turn = co_await node.directories().turn();
    std::vector<LogPosition> positions = node.host_of(recreated()).positions();
    if (&node.host_of(recreated()) != &node.host_of(test_partition()))
      for (LogPosition& position : node.host_of(test_partition()).positions()) positions.push_back(std::move(position));
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(100));
    co_await checkpoint(node, std::move(positions));
  }
}

io::Task<void> delete_and_make_anew(TestNode& node, Ledger& ledger) {
  co_await node.start(1, 0);
  std::vector<LogPosition> old(1);
  old[0].topic = "topic";
  old[0].recovery_point = 1000;
  old[0].high_watermark = 1000;
  old[0].log_start = ledger.old_start;
  co_await checkpoint(node, std::move(old));
  ledger.old_is_gone = true;
  node.host_of(test_partition()).remove(test_partition());
  assign(node, recreated());
  (void)co_await node.host_of(recreated()).settled();
  std::deque<io::Future<std::vector<AppendOutcome>>> under_way;
  for (std::size_t i = 0; i < batches || !under_way.empty(); ++i) {
    if (i < batches) under_way.push_back(begin_append(node, i));
    if (i < batches && under_way.size() < in_flight_max) continue;
    auto outcomes = co_await std::move(under_way.front());
    under_way.pop_front();
    CHECK(outcomes.front().error == ErrorCode::none);
    CHECK(outcomes.front().base_offset == static_cast<Offset>(ledger.acknowledged));
    ++ledger.acknowledged;
  }
  ledger.finished = true;
}

io::Task<void> delete_and_make_anew_with_rounds(TestNode& node, Ledger& ledger) {
  node.tasks.spawn(delete_and_make_anew(node, ledger));
  while (!ledger.old_is_gone) co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(100));
  co_await checkpoint_for_ever(node);
}

io::Task<void> look(TestNode& node, Ledger& ledger) {
  co_await node.open_directories();
  assign(node, recreated());
  node.host_of(test_partition()).retire_strays();
  node.host_of(recreated()).retire_strays();
  (void)co_await node.host_of(recreated()).settled();
  std::vector<ReadPart> parts(1);
  parts[0].partition = recreated();
  parts[0].max_bytes = 1 << 20;
  ReadOptions options;
  options.deadline = node.reactor().now();
  auto outcomes = co_await node.door().read(std::move(parts), options);
  CHECK(outcomes.front().error == ErrorCode::none);
  CHECK(outcomes.front().log_start_offset == 0);
  ledger.seen = values_in(outcomes.front());
  auto appended = co_await begin_append(node, ledger.seen.size());
  CHECK(appended.front().error == ErrorCode::none);
  CHECK(appended.front().base_offset == static_cast<Offset>(ledger.seen.size()));
  ledger.acknowledged = ledger.seen.size() + 1;
  ledger.finished = true;
}

using Life = io::Task<void> (*)(TestNode&, Ledger&);

void begin(Machine& machine, Ledger& ledger, Life life) {
  machine.start({.cores = ledger.cores}, [&ledger, life](Process& process) -> std::unique_ptr<Program> {
    std::vector<io::Reactor*> reactors;
    for (std::uint32_t core = 0; core < ledger.cores; ++core) reactors.push_back(&process.reactor(core));
    auto program = std::make_unique<Running>(std::move(reactors));
    program->node.tasks.spawn(life(program->node, ledger));
    return program;
  });
}

void check_what_is_there(Machine& machine, Ledger& ledger) {
  machine.power_cut();
  machine.boot();
  const std::size_t acknowledged = ledger.acknowledged;
  ledger.finished = false;
  begin(machine, ledger, look);
  machine.world().run_for(Duration::from_seconds(2));
  REQUIRE(ledger.finished);
  REQUIRE(ledger.seen.size() >= acknowledged);
  for (std::size_t i = 0; i < ledger.seen.size(); ++i) REQUIRE(ledger.seen[i] == value_of(i));
}

// Whether it was over before the power went.
bool cut_after(Duration time, Ledger ledger, Life life) {
  World world(static_cast<std::uint64_t>(time.us()));
  Machine& machine = world.add_machine({.name = "m"});
  begin(machine, ledger, life);
  while (!ledger.old_is_gone) world.run_for(Duration::from_us(10));
  world.run_for(time);
  const bool finished = ledger.finished;
  check_what_is_there(machine, ledger);
  check_what_is_there(machine, ledger);
  return finished;
}

// The process dies first, and a new one goes on with the names that it finds; only then the power goes.
bool killed_after(Duration time) {
  Ledger ledger;
  World world(static_cast<std::uint64_t>(time.us()));
  Machine& machine = world.add_machine({.name = "m"});
  begin(machine, ledger, delete_and_make_anew);
  while (!ledger.old_is_gone) world.run_for(Duration::from_us(10));
  world.run_for(time);
  const bool finished = ledger.finished;
  machine.kill(*machine.processes().front());
  ledger.finished = false;
  begin(machine, ledger, look);
  world.run_for(Duration::from_seconds(2));
  REQUIRE(ledger.finished);
  check_what_is_there(machine, ledger);
  return finished;
}

void cut_at_many_moments(Life life, std::uint32_t cores = 1) {
  for (const Offset old_start : {0, 500}) {
    int moments = 0;
    const Ledger ledger{.old_start = old_start, .seen = {}, .cores = cores};
    while (!cut_after(Duration::from_us(80) * moments, ledger, life)) ++moments;
    CHECK(moments > 100);
  }
}

TEST_CASE("cut from power at any moment, a topic that was made anew does not begin where the old one stood") {
  cut_at_many_moments(delete_and_make_anew);
}

TEST_CASE("so it is while checkpoints are written all the time") {
  cut_at_many_moments(delete_and_make_anew_with_rounds);
}

TEST_CASE("so it is when both logs and the checkpoints belong to different cores") {
  constexpr std::uint32_t cores = 5;
  REQUIRE(Cores::spread(test_partition(), cores) != 0);
  REQUIRE(Cores::spread(recreated(), cores) != 0);
  REQUIRE(Cores::spread(test_partition(), cores) != Cores::spread(recreated(), cores));
  cut_at_many_moments(delete_and_make_anew_with_rounds, cores);
}

TEST_CASE("what is acknowledged in a log that a killed process had just made survives a power cut") {
  int moments = 0;
  while (!killed_after(Duration::from_us(60) * moments)) ++moments;
  CHECK(moments > 100);
}

}  // namespace
}  // namespace highwater::engine
