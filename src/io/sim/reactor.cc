#include "io/sim/reactor.h"

#include <algorithm>

#include "io/sim/filesystem.h"
#include "io/sim/network.h"

namespace highwater::io::sim {

namespace {

constexpr std::uint64_t resumptions_per_turn = 1000;  // then the outside world is looked at again (L1)
constexpr std::size_t worker_queue_limit = 64;
constexpr std::int64_t turn_ns = 2'000;
constexpr std::int64_t resumption_ns = 500;

}  // namespace

SimReactor::SimReactor(Process& process, std::uint32_t core)
    : process_(&process),
      core_(core),
      random_(process.random().split(2 * core + 1)),
      cost_random_(process.random().split(2 * core + 2)),
      network_(std::make_unique<SimNetwork>(*this)),
      files_(std::make_unique<SimFileSystem>(*this, process.machine().disk())) {}

SimReactor::~SimReactor() = default;

Instant SimReactor::now() const { return process_->machine().local_now(); }
WallTime SimReactor::wall_now() const { return process_->machine().wall_now(); }
Network& SimReactor::network() { return *network_; }
FileSystem& SimReactor::files() { return *files_; }

Future<Done> SimReactor::sleep_until(Instant deadline) {
  auto [promise, future] = make_future<Done>();
  // Events hold their closures by move; a shared promise is not needed because only the event completes it.
  world().at(
      machine().world_time_of(deadline),
      [this, sleeper = std::move(promise)]() mutable {
        if (!sleeper.wanted()) return;
        machine().trace(TraceKind::timer, core_);
        sleeper.complete({});
        kick();
      },
      process_->life());
  return std::move(future);
}

void SimReactor::post(std::move_only_function<void()> work) {
  last_post_ = std::max(last_post_, world().now() + Duration{cost_random_.between(500, 20'000)});
  deliver_at(last_post_, [this, work = std::move(work)]() mutable {
    machine().trace(TraceKind::post, core_);
    work();
  });
}

bool SimReactor::offload(std::move_only_function<void()> work, std::move_only_function<void()> done) {
  if (workers_busy_ == worker_queue_limit) return false;
  ++workers_busy_;
  const Instant end = world().now() + Duration::from_us(cost_random_.between(10, 2'000));
  deliver_at(end, [this, work = std::move(work), done = std::move(done)]() mutable {
    --workers_busy_;
    machine().trace(TraceKind::offload, core_);
    work();
    done();
  });
  return true;
}

void SimReactor::deliver_at(Instant time, std::move_only_function<void()> complete) {
  world().at(
      time,
      [this, complete = std::move(complete)]() mutable {
        complete();
        kick();
      },
      process_->life());
}

void SimReactor::kick() {
  if (turn_asked_) return;
  turn_asked_ = true;
  const Instant earliest = std::max(busy_until_, process_->paused_until());
  const Instant wake = world().now() + Duration{cost_random_.between(500, 10'000)};
  world().at(std::max(earliest, wake), [this] { turn(); }, process_->life());
}

void SimReactor::turn() {
  turn_asked_ = false;
  if (process_->paused_until() > world().now()) return kick();
  std::uint64_t resumed = 0;
  bool drained = false;
  bool dying = false;
  while (!drained && !dying && resumed < resumptions_per_turn) {
    drained = run_ready(1);
    ++resumed;
    dying = !process_->count_resumption();
  }
  machine().trace(TraceKind::turn, core_, resumed);
  busy_until_ = world().now() + Duration{turn_ns + static_cast<std::int64_t>(resumed) * resumption_ns};
  if (!drained && !dying) kick();
}

}  // namespace highwater::io::sim
