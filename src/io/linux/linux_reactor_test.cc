#include "io/linux/linux_reactor.h"

#include <doctest/doctest.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>

#include "io/linux/test_support.h"
#include "io/on_worker.h"
#include "io/task.h"

namespace highwater::io {
namespace {

Task<void> note_when(Future<Done> deadline, int number, std::vector<int>& order) {
  co_await std::move(deadline);
  order.push_back(number);
}

class CountingHook final : public TurnEndHook {
 public:
  explicit CountingHook(Reactor& reactor) : reactor_(reactor) {}
  void at_turn_end() override {
    ++calls;
    if (again-- > 0) reactor_.request_turn_end(*this);
  }
  int calls = 0;
  int again = 0;

 private:
  Reactor& reactor_;
};

// Coroutines that wake each other for ever, as on a core under steady load.
class Relay {
 public:
  explicit Relay(Reactor& reactor) : reactor_(reactor) {}
  Task<void> run(const bool& enough) {
    while (!enough) {
      Promise<Done> before = std::move(last_);
      auto [promise, future] = reactor_.make_future<Done>();
      last_ = std::move(promise);
      if (before.pending()) before.complete({});
      co_await std::move(future);
    }
    if (last_.pending()) last_.complete({});
  }

 private:
  Reactor& reactor_;
  Promise<Done> last_;
};

}  // namespace

TEST_CASE("a hook runs once at the end of the turn, and again only when asked again") {
  const auto reactor = make_reactor();
  CountingHook hook(*reactor);
  reactor->request_turn_end(hook);
  reactor->request_turn_end(hook);
  reactor->run_for({0});
  CHECK(hook.calls == 1);
  hook.again = 2;
  reactor->request_turn_end(hook);
  reactor->run_for({0});
  CHECK(hook.calls == 4);
  reactor->run_for({0});
  CHECK(hook.calls == 4);
}

TEST_CASE("a hook that died is not called") {
  const auto reactor = make_reactor();
  CountingHook first(*reactor);
  CountingHook last(*reactor);
  reactor->request_turn_end(first);
  {
    CountingHook middle(*reactor);
    reactor->request_turn_end(middle);
  }
  reactor->request_turn_end(last);
  reactor->run_for({0});
  CHECK(first.calls == 1);
  CHECK(last.calls == 1);
}

TEST_CASE("hooks, timers and posts get their turn while coroutines are always ready") {
  LinuxOptions options;
  options.resume_limit = 4;
  const auto reactor = make_reactor(options);
  bool enough = false;
  int posted = 0;
  TaskGroup tasks(reactor->ready());
  // Each hands the loop to the next for ever, so the ready queue is never empty.
  Relay relay(*reactor);
  for (int i = 0; i < 8; ++i) tasks.spawn(relay.run(enough));
  CountingHook hook(*reactor);
  reactor->request_turn_end(hook);
  reactor->post([&] { ++posted; });
  Future<Done> timer = reactor->sleep_until(reactor->now() + Duration::from_us(100));
  CHECK(reactor->run_until([&] { return hook.calls == 1 && posted == 1 && timer.is_ready(); }, patience));
  enough = true;
  finish(*reactor, tasks);
}

TEST_CASE("timers fire by deadline and, when equal, in the order of the calls") {
  const auto reactor = make_reactor();
  std::vector<int> order;
  TaskGroup tasks(reactor->ready());
  const Instant start = reactor->now();
  const int delays_ms[] = {3, 1, 2, 1, 0, 3};
  for (int i = 0; i < 6; ++i) {
    Future<Done> deadline = reactor->sleep_until(start + Duration::from_ms(delays_ms[i]));
    tasks.spawn(note_when(std::move(deadline), i, order));
  }
  CHECK(reactor->run_until([&] { return tasks.size() == 0; }, patience));
  CHECK(order == std::vector<int>{4, 1, 3, 2, 0, 5});
  CHECK(reactor->now() >= start + Duration::from_ms(3));
}

TEST_CASE("a dropped timer neither fires nor wakes the loop") {
  const auto reactor = make_reactor();
  for (int i = 0; i < 1'000; ++i) (void)reactor->sleep_until(reactor->now() + Duration::from_us(i));
  reactor->run_for(Duration::from_ms(5));
  CHECK(reactor->counters().turns <= 10);
}

TEST_CASE("posts of each thread run in order on the loop") {
  const auto reactor = make_reactor();
  std::vector<int> last(3, -1);
  int wrong = 0;
  int arrived = 0;
  std::vector<std::thread> threads;
  for (std::size_t sender = 0; sender < 3; ++sender) {
    threads.emplace_back([&, sender] {
      for (int i = 0; i < 1'000; ++i) {
        reactor->post([&, sender, i] {
          if (last[sender] != i - 1) ++wrong;
          last[sender] = i;
          ++arrived;
        });
      }
    });
  }
  CHECK(reactor->run_until([&] { return arrived == 3'000; }, patience));
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a spinning loop sees posts and timers without going to sleep") {
  LinuxOptions options;
  options.spin = Duration::from_seconds(50);
  const auto reactor = make_reactor(options);
  int seen = 0;
  const Instant start = reactor->now();
  Future<Done> timer = reactor->sleep_until(start + Duration::from_ms(1));
  std::thread sender([&] { reactor->post([&] { ++seen; }); });
  CHECK(reactor->run_until([&] { return seen == 1 && timer.is_ready(); }, patience));
  sender.join();
  CHECK(reactor->counters().sleeps == 0);
  CHECK(reactor->now() - start < Duration::from_seconds(20));
}

TEST_CASE("stop from another thread ends the run, also when it comes first") {
  const auto reactor = make_reactor();
  reactor->stop();
  reactor->run();
  std::thread stopper([&] { reactor->stop(); });
  reactor->run();
  stopper.join();
}

TEST_CASE("an idle loop sleeps without turning") {
  const auto reactor = make_reactor();
  reactor->run_for(Duration::from_ms(30));
  CHECK(reactor->counters().turns <= 10);
}

TEST_CASE("offloaded work runs elsewhere, ends on the loop, and is refused beyond the limit") {
  LinuxOptions options;
  options.worker_queue_limit = 2;
  const auto reactor = make_reactor(options);
  const std::thread::id here = std::this_thread::get_id();
  std::latch started(1);
  std::latch release(1);
  bool elsewhere = false;
  int ended = 0;
  bool back = true;
  const auto done = [&] {
    if (std::this_thread::get_id() != here) back = false;
    ++ended;
  };
  const auto block = [&] {
    elsewhere = std::this_thread::get_id() != here;
    started.count_down();
    release.wait();
  };
  CHECK(reactor->offload(block, done));
  started.wait();
  CHECK(reactor->offload([] {}, done));
  CHECK(reactor->offload([] {}, done));
  CHECK_FALSE(reactor->offload([] {}, done));
  release.count_down();
  CHECK(reactor->run_until([&] { return ended == 3; }, patience));
  CHECK(elsewhere);
  CHECK(back);
}

namespace {

struct CountedWork {
  int& runs;
  void run() { ++runs; }
};

}  // namespace

TEST_CASE("work that nobody waits for any more when its turn comes is not done") {
  const auto reactor = make_reactor();
  std::latch release(1);
  CHECK(reactor->offload([&] { release.wait(); }, [] {}));
  int runs = 0;
  TaskGroup patient(reactor->ready());
  patient.spawn(on_worker(*reactor, std::make_shared<CountedWork>(runs), &CountedWork::run));
  {
    TaskGroup gone(reactor->ready());
    gone.spawn(on_worker(*reactor, std::make_shared<CountedWork>(runs), &CountedWork::run));
  }
  release.count_down();
  CHECK(reactor->run_until([&] { return patient.size() == 0; }, patience));
  bool all_ended = false;
  CHECK(reactor->offload([] {}, [&] { all_ended = true; }));
  CHECK(reactor->run_until([&] { return all_ended; }, patience));
  CHECK(runs == 1);
}

}  // namespace highwater::io
