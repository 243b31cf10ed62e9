// For tests of this room: one log on the simulator's disk, run by a script, then the machine's process is killed.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/storage/log_store.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

using io::sim::Disk;
using io::sim::Machine;
using io::sim::Process;
using io::sim::Program;
using io::sim::World;

class Listener : public StoreListener {
 public:
  void on_progress() override { ++progress; }
  void on_rolled_back(Offset end) override { rolled_back = end; }
  void on_ready() override {}
  void on_fenced(const std::string&) override { fenced = true; }
  int progress = 0;
  Offset rolled_back = no_offset;
  bool fenced = false;
};

class KeptErrors final : public LogSink {
 public:
  LogLevel threshold() const override { return LogLevel::error; }
  void write(const LogLine& line) override { lines.emplace_back(line.text); }
  std::vector<std::string> lines;
};

inline configs::TopicSettings small_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 2000;
  settings.index_interval_bytes = 500;
  return settings;
}

class StoreProgram : public Program {
 public:
  StoreProgram(Process& process, const configs::TopicSettings& settings, std::size_t index_bytes = 1 << 20)
      : shared(process.reactor(0).files(), 16, 1 << 20, index_bytes),
        store({process.reactor(0), shared, counters, Logger(errors, "test")}, "/log", settings, listener),
        reactor(process.reactor(0)),
        disk(process.machine().disk()),
        tasks(process.reactor(0).ready()) {}

  // Batches of one record each.
  void append(int count, Epoch epoch = 0, std::size_t size = 300) {
    for (int i = 0; i < count; ++i) {
      const std::string value(size, static_cast<char>('a' + store.end() % 26));
      records::BatchOptions options;
      options.base_offset = store.end();
      options.leader_epoch = epoch;
      records::NewRecord record;
      record.timestamp = 1000 + store.end();
      record.value = records::Nullable::of(as_bytes(value));
      add(records::single_record_batch(options, record));
    }
  }
  // One batch, at the offset it says.
  void add(const std::vector<std::uint8_t>& batch) {
    records::BatchScanner scanner(batch);
    store.append(batch, log::facts_of(*scanner.next()));
  }

  KeptErrors errors;
  StoreShared shared;
  StoreCounters counters;
  Listener listener;
  LogStore store;
  io::Reactor& reactor;
  Disk& disk;
  io::TaskGroup tasks;
};

using Script = io::Task<void> (*)(StoreProgram&);

inline void run(Machine& machine, Script script, const configs::TopicSettings& settings = small_segments(),
                std::size_t index_bytes = 1 << 20) {
  Process& process = machine.start({}, [&](Process& started) -> std::unique_ptr<Program> {
    auto program = std::make_unique<StoreProgram>(started, settings, index_bytes);
    program->tasks.spawn(script(*program));
    return program;
  });
  machine.world().run_for(Duration::from_seconds(20));
  REQUIRE(static_cast<StoreProgram*>(process.program())->tasks.size() == 0);
  machine.kill(process);
}

struct Box {
  explicit Box(std::uint64_t seed = 1) : world(seed), machine(world.add_machine({.name = "m"})) {}
  World world;
  Machine& machine;
};

inline OpenPlan unclean(Offset recovery_point) { return {false, recovery_point, 0}; }
inline OpenPlan clean() { return {true, 0, 0}; }

// Every offset can be read, alone and in order.
inline io::Task<void> check_all(StoreProgram& p, Offset from, Offset to) {
  for (Offset at = from; at < to; ++at) {
    ReadLimits limits;
    limits.from = at;
    limits.upper = to;
    limits.max_bytes = 1;
    limits.first = ReadLimits::FirstBatch::whole;
    auto read = co_await p.store.read(limits);
    REQUIRE(read.has_value());
    REQUIRE(read->next_offset == at + 1);
  }
}

// Of four epochs in four segments, each batch of 370 bytes.
inline io::Task<void> twenty_batches(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  for (int i = 0; i < 4; ++i) {
    p.append(5, i);
    auto flushed = co_await p.store.flush();
    CHECK(flushed.has_value());
  }
  CHECK(p.store.durable_end() == 20);
  CHECK(p.store.segment_count() == 4);
  CHECK(p.counters.writes < 20);
  co_await check_all(p, 0, 20);
}

inline io::Task<void> twenty_batches_closed(StoreProgram& p) {
  co_await twenty_batches(p);
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
}

inline io::Task<void> reopen_unclean(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(opened->truncated_bytes == 0);
  CHECK(opened->recovered_segments == 4);
  CHECK(p.store.end() == 20);
  CHECK(p.store.admission().epochs().entries().size() == 4);
  co_await check_all(p, 0, 20);
}

inline io::Task<void> reopen_clean(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  CHECK(opened->recovered_segments == 0);
  CHECK(p.store.end() == 20);
  CHECK(p.store.admission().epochs().entries().size() == 4);
  co_await check_all(p, 0, 20);
  auto found = co_await p.store.find_by_time(1013, 20);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->offset == 13);
}

inline void add_bytes(Machine& machine, const char* path, std::string_view bytes) {
  auto inode = machine.disk().open(path, io::OpenMode::read_write);
  REQUIRE(inode.has_value());
  std::vector<Slice> slices;
  slices.push_back(Slice::copy_of(as_bytes(bytes)));
  REQUIRE(machine.disk().write(**inode, machine.disk().content(path)->size(), slices).has_value());
}

}  // namespace highwater::engine
