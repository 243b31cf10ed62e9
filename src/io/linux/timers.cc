#include "io/linux/timers.h"

#include <algorithm>

namespace highwater::io {

bool Timers::later(const Entry& a, const Entry& b) {
  return a.deadline != b.deadline ? a.deadline > b.deadline : a.order > b.order;
}

Future<Done> Timers::at(ReadyQueue& queue, Instant deadline) {
  if (heap_.size() >= sweep_at_) sweep();
  auto [promise, future] = make_future<Done>(queue);
  heap_.push_back({deadline, next_order_++, std::move(promise)});
  std::push_heap(heap_.begin(), heap_.end(), later);
  return std::move(future);
}

void Timers::fire(Instant now) {
  while (!heap_.empty() && heap_.front().deadline <= now) {
    Promise<Done> promise = std::move(heap_.front().promise);
    pop();
    promise.complete({});
  }
}

Instant Timers::next() {
  while (!heap_.empty() && !heap_.front().promise.wanted()) pop();
  return heap_.empty() ? Instant::never() : heap_.front().deadline;
}

void Timers::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
}

// Most deadlines guard something that happens long before them: without this a busy core would keep the dropped timers
// of the last 30 seconds. Sweeping at twice the last live size costs a constant per timer.
void Timers::sweep() {
  std::erase_if(heap_, [](const Entry& entry) { return !entry.promise.wanted(); });
  std::make_heap(heap_.begin(), heap_.end(), later);
  sweep_at_ = std::max<std::size_t>(64, heap_.size() * 2);
}

}  // namespace highwater::io
