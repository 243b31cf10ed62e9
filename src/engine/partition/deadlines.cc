#include "engine/partition/deadlines.h"

#include <algorithm>

namespace highwater::engine {

Deadlines::Deadlines(io::Reactor& reactor, Expired expired)
    : reactor_(reactor), expired_(std::move(expired)), tasks_(reactor.ready()) {}

void Deadlines::add(Instant deadline, std::uint64_t number) {
  if (deadline == Instant::never()) return;
  waiting_.insert({deadline, number});
  if (deadline >= armed_) return;
  armed_ = deadline;
  tasks_.spawn(sleep(deadline));
}

io::Task<void> Deadlines::sleep(Instant until) {
  co_await reactor_.sleep_until(until);
  // One that was set earlier than another sleeper's: that one finds nothing to do.
  while (!waiting_.empty() && waiting_.begin()->first <= reactor_.now()) {
    const std::uint64_t number = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    expired_(number);
  }
  if (armed_ > until) co_return;
  armed_ = Instant::never();
  if (waiting_.empty()) co_return;
  armed_ = waiting_.begin()->first;
  tasks_.spawn(sleep(armed_));
}

}  // namespace highwater::engine
