// Work that is too long for the loop (rule L1), awaited. The state belongs to the work as long as it runs, whatever
// becomes of the coroutine that waits (rule L4); afterwards it is the caller's again. What nobody waits for any more
// when its turn comes is not done: peers that ask for much and go leave no queue of it behind.
#pragma once

#include <memory>
#include <utility>

#include "io/reactor.h"
#include "io/task.h"

namespace highwater::io {

// Runs ((*state).*work)() on the worker of `reactor`. A queue that is full is asked again after a moment.
template <class State>
Task<void> on_worker(Reactor& reactor, std::shared_ptr<State> state, void (State::*work)()) {
  constexpr Duration pause = Duration::from_ms(1);
  for (;;) {
    auto [promise, future] = reactor.make_future<Done>();
    auto run = [raw = state.get(), owners = std::weak_ptr<State>(state), work] {
      const bool only_the_queue = owners.use_count() == 1;
      if (!only_the_queue) (raw->*work)();
    };
    const bool taken =
        reactor.offload(std::move(run), [state, waiting = std::move(promise)]() mutable { waiting.complete({}); });
    if (taken) {
      co_await std::move(future);
      co_return;
    }
    co_await reactor.sleep_until(reactor.now() + pause);
  }
}

}  // namespace highwater::io
