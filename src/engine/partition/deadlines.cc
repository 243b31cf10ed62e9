#include "engine/partition/deadlines.h"

namespace highwater::engine {

Deadlines::Deadlines(io::Reactor& reactor, DeadlineListener& listener)
    : reactor_(reactor), listener_(listener), tasks_(reactor.ready()) {}

void Deadlines::add(Instant deadline, std::uint64_t number) {
  if (deadline == Instant::never()) return;
  waiting_.insert({deadline, number});
  if (deadline >= armed_) return;
  armed_ = deadline;
  tasks_.spawn(wait_until(deadline));
}

io::Task<void> Deadlines::wait_until(Instant deadline) {
  co_await reactor_.sleep_until(deadline);
  // One that was set earlier than another waiter's: that one finds nothing to do.
  while (!waiting_.empty() && waiting_.begin()->first <= reactor_.now()) {
    const std::uint64_t number = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    listener_.on_deadline(number);
  }
  if (armed_ > deadline) co_return;
  armed_ = Instant::never();
  if (waiting_.empty()) co_return;
  armed_ = waiting_.begin()->first;
  tasks_.spawn(wait_until(armed_));
}

}  // namespace highwater::engine
