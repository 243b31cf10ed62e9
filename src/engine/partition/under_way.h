// How many of something are under way, and who waits until none is. On one core.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "foundation/base/check.h"
#include "io/reactor.h"
#include "io/task.h"

namespace highwater::engine {

class UnderWay {
 public:
  void begin() { ++count_; }
  void end() {
    HW_CHECK(count_ != 0);
    if (--count_ != 0) return;
    for (io::Promise<io::Done>& waiter : std::exchange(waiters_, {})) waiter.complete({});
  }

  bool is_awaited() const { return !waiters_.empty(); }
  // Ready the next time that there is none, at once when there is none now. By the time the caller goes on, others may
  // have begun.
  io::Future<io::Done> ended(io::Reactor& reactor) {
    if (count_ == 0) return io::Future<io::Done>::ready({});
    auto [promise, future] = reactor.make_future<io::Done>();
    waiters_.push_back(std::move(promise));
    return std::move(future);
  }
  // Until there is none when the caller goes on.
  io::Task<void> none(io::Reactor& reactor) {
    while (count_ != 0) co_await ended(reactor);
  }

 private:
  std::size_t count_ = 0;
  std::vector<io::Promise<io::Done>> waiters_;
};

}  // namespace highwater::engine
