#include "io/sim/world.h"

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"
#include "io/sim/fabric.h"
#include "io/sim/machine.h"

namespace highwater::io::sim {

World::World(std::uint64_t seed) : random_(seed), fabric_(std::make_unique<Fabric>(*this)) {}

World::~World() {
  // Programs touch wires and disks while they are taken down; the events that are left touch nobody.
  for (auto& machine : machines_) machine->power_cut();
  while (!slots_.empty()) {
    const std::vector<Event> left = std::exchange(slots_, {});
    heap_.clear();
    free_slots_.clear();
  }
}

Random World::stream(Purpose purpose, std::uint64_t index) const {
  return random_.split(static_cast<std::uint64_t>(purpose)).split(index + 1);
}

void World::at(Instant time, std::move_only_function<void()> run, std::shared_ptr<const Life> life) {
  if (time == Instant::never()) return;
  std::uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot] = {std::move(run), std::move(life)};
  heap_.push_back({std::max(time, now_), next_sequence_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void World::after_event(std::move_only_function<void()> run) {
  if (in_event_) return deferred_.push_back(std::move(run));
  at(now_, std::move(run));
}

void World::run_deferred() {
  in_event_ = true;
  for (std::size_t i = 0; i < deferred_.size(); ++i) {
    auto run = std::move(deferred_[i]);
    run();
  }
  deferred_.clear();
  in_event_ = false;
}

bool World::step() {
  if (heap_.empty()) return false;
  const Due due = heap_.front();
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
  Event event = std::move(slots_[due.slot]);
  slots_[due.slot] = {};
  free_slots_.push_back(due.slot);
  HW_CHECK(due.time >= now_);
  now_ = due.time;
  if (event.life != nullptr && !event.life->alive) return true;
  ++event_count_;
  in_event_ = true;
  event.run();
  in_event_ = false;
  if (!deferred_.empty()) run_deferred();
  return true;
}

void World::run_until(Instant time) {
  while (!heap_.empty() && heap_.front().time <= time) step();
  now_ = std::max(now_, time);
}

Machine& World::add_machine(MachineOptions options) {
  HW_CHECK(find_machine(options.name) == nullptr);
  machines_.push_back(std::make_unique<Machine>(*this, machines_.size(), std::move(options)));
  return *machines_.back();
}

Machine* World::find_machine(std::string_view host) {
  for (auto& machine : machines_) {
    if (machine->name() == host) return machine.get();
  }
  return nullptr;
}

void World::trace(const Machine* machine, const TraceHash::Entry& entry) {
  TraceHash::Entry global = entry;
  if (machine != nullptr) global.a ^= (machine->index() + 1) << 48;
  trace_.add(global);
  if (trace_sink_) trace_sink_(trace_text(machine == nullptr ? "world" : machine->name(), entry));
}

}  // namespace highwater::io::sim
