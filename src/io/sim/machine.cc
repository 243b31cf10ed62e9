#include "io/sim/machine.h"

#include <algorithm>

#include "foundation/base/check.h"
#include "io/sim/fabric.h"
#include "io/sim/process.h"

namespace highwater::io::sim {

namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t wall_at_start_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

std::int64_t scaled(std::int64_t value, std::int64_t factor, std::int64_t divisor) {
  return static_cast<std::int64_t>(static_cast<__int128>(value) * factor / divisor);
}

// Uptimes differ between machines and boots: whoever keeps an Instant across a restart is found out.
std::int64_t draw_uptime(Random& random) { return random.between(1, 1'000'000) * million; }

}  // namespace

Machine::Machine(World& world, std::uint64_t index, MachineOptions options)
    : world_(&world),
      index_(index),
      options_(std::move(options)),
      net_random_(world.stream(Purpose::net, index)),
      clock_random_(world.stream(Purpose::clock, index)),
      disk_(*this, world.stream(Purpose::disk, index), options_.disk_capacity),
      monotonic_offset_(draw_uptime(clock_random_)) {
  HW_CHECK(options_.drift_ppm >= -100'000 && options_.drift_ppm <= 100'000);
}

Machine::~Machine() = default;

Instant Machine::local_now() const {
  return {monotonic_offset_ + scaled(world_->now().nanoseconds, million + options_.drift_ppm, million)};
}

Instant Machine::world_time_of(Instant local) const {
  if (local == Instant::never()) return local;
  const std::int64_t elapsed = local.nanoseconds - monotonic_offset_;
  if (elapsed <= 0) return world_->now();
  // Rounded up, so that the clock shows at least `local` then.
  const std::int64_t rate = million + options_.drift_ppm;
  const __int128 time = (static_cast<__int128>(elapsed) * million + rate - 1) / rate + 1;
  return time > INT64_MAX ? Instant::never() : Instant{static_cast<std::int64_t>(time)};
}

WallTime Machine::wall_now() const {
  const std::int64_t elapsed_ms = scaled(world_->now().nanoseconds, million + options_.drift_ppm, million) / million;
  return {wall_at_start_ms + elapsed_ms + options_.wall_offset_ms + wall_jump_ms_};
}

void Machine::jump_wall_clock(std::int64_t ms) {
  wall_jump_ms_ += ms;
  trace(TraceKind::clock_change, static_cast<std::uint64_t>(ms));
}

Process& Machine::start(ProcessOptions options, Factory factory) {
  HW_CHECK(powered_);
  const std::uint64_t id = next_process_++;
  trace(TraceKind::start, id);
  processes_.push_back(std::make_unique<Process>(*this, id, options.name, options.cores));
  Process& process = *processes_.back();
  process.run(std::move(factory));
  return process;
}

void Machine::kill(Process& process) {
  const auto found =
      std::find_if(processes_.begin(), processes_.end(), [&](const auto& each) { return each.get() == &process; });
  HW_CHECK(found != processes_.end());
  trace(TraceKind::kill, process.id());
  const std::unique_ptr<Process> dying = std::move(*found);
  processes_.erase(found);
  dying->die();
}

void Machine::power_cut() {
  if (!powered_) return;
  trace(TraceKind::power_cut);
  powered_ = false;
  world_->fabric().power_lost(*this);
  while (!processes_.empty()) {
    const std::unique_ptr<Process> dying = std::move(processes_.back());
    processes_.pop_back();
    dying->die();
  }
  HW_CHECK(ports_.empty());
  disk_.power_cut();
}

void Machine::boot() {
  if (powered_) return;
  powered_ = true;
  monotonic_offset_ =
      draw_uptime(clock_random_) - scaled(world_->now().nanoseconds, million + options_.drift_ppm, million);
  trace(TraceKind::boot);
}

void Machine::trace(TraceKind kind, std::uint64_t a, std::uint64_t b, std::uint64_t content) {
  const TraceHash::Entry entry{kind, world_->now(), a, b, content};
  trace_.add(entry);
  world_->trace(this, entry);
}

std::uint16_t Machine::take_ephemeral_port() {
  for (;;) {
    const std::uint16_t port = next_port_;
    next_port_ = next_port_ == 60'999 ? 32'768 : static_cast<std::uint16_t>(next_port_ + 1);
    if (!ports_.contains(port)) return port;
  }
}

}  // namespace highwater::io::sim
