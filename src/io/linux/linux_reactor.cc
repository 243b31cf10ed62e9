#include "io/linux/linux_reactor.h"

#include <fmt/core.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "io/linux/file_engine.h"
#include "io/linux/inbox.h"
#include "io/linux/linux_file_system.h"
#include "io/linux/linux_network.h"
#include "io/linux/poller.h"
#include "io/linux/timers.h"

namespace highwater::io {

namespace {

Instant read_monotonic() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return {at.tv_sec * 1'000'000'000 + at.tv_nsec};
}

WallTime read_wall() {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  return {at.tv_sec * 1'000 + at.tv_nsec / 1'000'000};
}

std::uint64_t kernel_seed() {
  std::uint64_t seed = 0;
  while (getrandom(&seed, sizeof seed, 0) != sizeof seed) {
  }
  return seed;
}

class OffloadJob final : public Job {
 public:
  using Work = std::move_only_function<void()>;
  OffloadJob(Work work, Work done) : work_(std::move(work)), done_(std::move(done)) {}
  void run() override { work_(); }
  void finish() override { done_(); }

 private:
  Work work_;
  Work done_;
};

class Body final : public LinuxReactor {
 public:
  using Work = std::move_only_function<void()>;

  explicit Body(const LinuxOptions& options)
      : options_(options),
        random_(options.seed != 0 ? options.seed : kernel_seed()),
        engine_(poller_, inbox_, ready(), options),
        worker_(inbox_, "hw-worker", options.worker_queue_limit),
        files_(engine_),
        network_(*this, poller_, inbox_, options.port_sharing) {
    look_at_clocks();
  }

  ~Body() override {
    worker_.stop();
    engine_.stop();
    // What has ended but was never heard of: it may hold files, so it goes before the engine does.
    inbox_.discard();
  }

  bool valid() { return poller_.valid() && inbox_.attach(poller_); }

  Instant now() const override { return now_; }
  WallTime wall_now() const override { return wall_now_; }
  Network& network() override { return network_; }
  FileSystem& files() override { return files_; }
  Random& random() override { return random_; }
  Future<Done> sleep_until(Instant deadline) override { return timers_.at(ready(), deadline); }
  void post(Work work) override { inbox_.post(std::move(work)); }
  bool offload(Work work, Work done) override {
    if (worker_.full()) return false;
    worker_.submit(std::make_unique<OffloadJob>(std::move(work), std::move(done)));
    return true;
  }

  void run() override { run_loop({}, Instant::never()); }
  bool run_until(std::move_only_function<bool()> condition, Duration limit) override {
    return run_loop(std::move(condition), read_monotonic() + limit);
  }
  void run_for(Duration span) override { run_loop({}, read_monotonic() + span); }
  void stop() override {
    stop_.store(true, std::memory_order_release);
    inbox_.wake();
  }
  FileEngineKind file_engine() const override { return engine_.kind(); }
  LinuxCounters counters() const override;

 private:
  bool run_loop(std::move_only_function<bool()> condition, Instant limit);
  void wait(bool drained, Instant limit);
  void look_at_clocks() {
    now_ = read_monotonic();
    wall_now_ = read_wall();
  }

  LinuxOptions options_;
  Instant now_;
  WallTime wall_now_;
  Random random_;
  std::atomic<bool> stop_ = false;
  LinuxCounters counters_;
  Poller poller_;
  Timers timers_;
  Inbox inbox_;
  FileEngine engine_;
  Background worker_;
  LinuxFileSystem files_;
  LinuxNetwork network_;
};

bool Body::run_loop(std::move_only_function<bool()> condition, Instant limit) {
  look_at_clocks();
  for (;;) {
    ++counters_.turns;
    const bool drained = run_ready(options_.resume_limit);
    const bool handed_over = engine_.submit();
    if (condition && condition()) return true;
    if (stop_.exchange(false, std::memory_order_acquire) || now_ >= limit) return false;
    wait(drained && handed_over, limit);
    timers_.fire(now_);
    counters_.posted += inbox_.run();
  }
}

void Body::wait(bool drained, Instant limit) {
  const Instant until = std::min(timers_.next(), limit);
  if (drained && options_.spin.nanoseconds > 0) {
    const Instant spin_end = std::min(until, now_ + options_.spin);
    while (now_ < spin_end) {
      const int events = poller_.wait({0});
      look_at_clocks();
      if (events > 0 || !inbox_.empty()) return;
    }
  }
  Duration timeout{0};
  if (drained && now_ < until && inbox_.prepare_sleep()) {
    ++counters_.sleeps;
    // By the clock and not by the turn's frozen time, which is as old as the turn was long.
    timeout = until == Instant::never() ? Duration{-1} : std::max(until - read_monotonic(), Duration{0});
  }
  poller_.wait(timeout);
  look_at_clocks();
}

LinuxCounters Body::counters() const {
  LinuxCounters counters = counters_;
  counters.wakeups = inbox_.wakeups();
  counters.file_jobs = engine_.file_jobs();
  counters.ring_operations = engine_.ring_operations();
  counters.refused = engine_.refused();
  return counters;
}

}  // namespace

Result<std::unique_ptr<LinuxReactor>> make_linux_reactor(const LinuxOptions& options) {
  auto reactor = std::make_unique<Body>(options);
  if (!reactor->valid()) return failure(fmt::format("the event loop cannot start: {}", std::strerror(errno)));
  if (options.file_engine == FileEngineKind::io_uring && reactor->file_engine() != FileEngineKind::io_uring) {
    return failure("io_uring is not allowed here: choose the file engine `thread` or `automatic`");
  }
  return reactor;
}

}  // namespace highwater::io
