// A deterministic world: a heap of (time, sequence) events, virtual time, seeded streams, machines and the wires
// between them. Single-threaded; nothing here is global, so several worlds can live in one process. What a seed decides
// is decided by streams per purpose and machine: drawing more for one never shifts another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/random.h"
#include "foundation/base/time.h"
#include "io/sim/trace.h"

namespace highwater::io::sim {

class Fabric;
class Machine;
struct MachineOptions;

enum class Purpose : std::uint64_t { net = 1, disk, process, clock, workload, faults };

// Whether the owner of an event still lives; events of the dead are dropped unseen.
struct Life {
  bool alive = true;
};

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Instant now() const { return now_; }
  // The stream for one purpose; `index` tells machines (or clients) apart.
  Random stream(Purpose purpose, std::uint64_t index = 0) const;

  // Runs `run` at `time` (not before now), after everything that was asked for earlier for the same time. Without
  // `life` it belongs to the world itself.
  void at(Instant time, std::move_only_function<void()> run, std::shared_ptr<const Life> life = nullptr);
  // Runs `run` after the event that is running now; as the next event of this time when none is.
  void after_event(std::move_only_function<void()> run);

  // One event; false when there is none left.
  bool step();
  // Every event up to `time`, then the time is `time`.
  void run_until(Instant time);
  void run_for(Duration duration) { run_until(now_ + duration); }

  // Machines live as long as the world; the name is the host name.
  Machine& add_machine(MachineOptions options);
  Machine* find_machine(std::string_view host);
  Fabric& fabric() { return *fabric_; }

  void trace(const Machine* machine, const TraceHash::Entry& entry);
  std::uint64_t trace_hash() const { return trace_.value(); }
  std::uint64_t event_count() const { return event_count_; }
  // Gets every traced happening as a line; for the hunt of the first difference.
  void set_trace_sink(std::move_only_function<void(const std::string&)> sink) { trace_sink_ = std::move(sink); }

 private:
  struct Due {
    Instant time;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  struct Event {
    std::move_only_function<void()> run;
    std::shared_ptr<const Life> life;
  };
  static bool later(const Due& a, const Due& b) { return a.time != b.time ? a.time > b.time : a.sequence > b.sequence; }
  void run_deferred();

  Random random_;
  Instant now_;
  std::uint64_t next_sequence_ = 0;
  std::uint64_t event_count_ = 0;
  bool in_event_ = false;
  std::vector<Due> heap_;
  std::vector<Event> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::move_only_function<void()>> deferred_;
  TraceHash trace_;
  std::move_only_function<void(const std::string&)> trace_sink_;
  std::unique_ptr<Fabric> fabric_;
  std::vector<std::unique_ptr<Machine>> machines_;
};

}  // namespace highwater::io::sim
