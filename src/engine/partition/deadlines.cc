#include "engine/partition/deadlines.h"

#include <utility>

namespace highwater::engine {

void Deadline::withdraw() {
  if (set_in_ != nullptr) std::exchange(set_in_, nullptr)->remove(*this);
}

void Deadlines::set(Instant at, Deadline& deadline) {
  deadline.withdraw();
  if (at == Instant::never()) return;
  Deadline::Equal& equal = newest_ != nullptr && newest_->at_ == at ? *newest_->equal_ : waiting_[at];
  newest_ = &deadline;
  deadline.set_in_ = this;
  deadline.equal_ = &equal;
  deadline.at_ = at;
  deadline.previous_ = equal.last;
  deadline.next_ = nullptr;
  (equal.last == nullptr ? equal.first : equal.last->next_) = &deadline;
  equal.last = &deadline;
  if (at >= armed_) return;
  armed_ = at;
  tasks_.spawn(wait_until(at));
}

void Deadlines::remove(Deadline& deadline) {
  if (newest_ == &deadline) newest_ = nullptr;
  Deadline::Equal& equal = *deadline.equal_;
  (deadline.previous_ == nullptr ? equal.first : deadline.previous_->next_) = deadline.next_;
  (deadline.next_ == nullptr ? equal.last : deadline.next_->previous_) = deadline.previous_;
  if (equal.first == nullptr) waiting_.erase(deadline.at_);
}

io::Task<void> Deadlines::wait_until(Instant deadline) {
  co_await reactor_.sleep_until(deadline);
  // One that was set earlier than another waiter's: that one finds nothing to do.
  while (!waiting_.empty() && waiting_.begin()->first <= reactor_.now()) {
    Deadline& passed = *waiting_.begin()->second.first;
    passed.withdraw();
    passed.on_deadline();
  }
  if (armed_ > deadline) co_return;
  armed_ = Instant::never();
  if (waiting_.empty()) co_return;
  armed_ = waiting_.begin()->first;
  tasks_.spawn(wait_until(armed_));
}

}  // namespace highwater::engine
