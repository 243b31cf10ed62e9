#include "io/linux/inbox.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

namespace highwater::io {

Inbox::Inbox() : eventfd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool Inbox::attach(Poller& poller) { return eventfd_.valid() && poller.add(eventfd_.get(), EPOLLIN | EPOLLET, *this); }

void Inbox::post(Work work) {
  bool sleeping;
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back(std::move(work));
    sleeping = std::exchange(asleep_, false);
  }
  if (sleeping) wake();
}

void Inbox::wake() {
  const int before = errno;  // a signal handler must leave it as it was
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] const auto written = ::write(eventfd_.get(), &one, sizeof one);
  errno = before;
}

bool Inbox::empty() {
  const std::lock_guard lock(mutex_);
  return arrived_.empty();
}

bool Inbox::prepare_sleep() {
  const std::lock_guard lock(mutex_);
  asleep_ = arrived_.empty();
  return asleep_;
}

std::size_t Inbox::run() {
  {
    const std::lock_guard lock(mutex_);
    asleep_ = false;
    running_.swap(arrived_);
  }
  const std::size_t count = running_.size();
  for (Work& work : running_) work();
  running_.clear();
  return count;
}

void Inbox::discard() {
  std::vector<Work> never_ran;  // dies after the lock: what it holds may post
  const std::lock_guard lock(mutex_);
  never_ran.swap(arrived_);
}

// Edge triggered: the counter is never read, each write is a new edge.
void Inbox::on_events(std::uint32_t) { ++wakeups_; }

}  // namespace highwater::io
