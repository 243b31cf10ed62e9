#include "io/linux/poller.h"

#include <sys/epoll.h>

#include <cerrno>
#include <ctime>

namespace highwater::io {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

bool Poller::add(int fd, std::uint32_t events, EventTarget& target) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &target;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

int Poller::wait(Duration timeout) {
  epoll_event events[256];
  int count = -1;
  if (timeout.nanoseconds > 0 && has_fine_timeouts_) {
    timespec span{timeout.nanoseconds / 1'000'000'000, timeout.nanoseconds % 1'000'000'000};
    count = epoll_pwait2(epoll_.get(), events, 256, &span, nullptr);
    // Older kernels do not know the call, and older container profiles refuse what they do not know.
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) has_fine_timeouts_ = false;
  }
  if (timeout.nanoseconds <= 0 || !has_fine_timeouts_) {
    constexpr std::int64_t longest_ms = 3'600'000;
    const std::int64_t ms = (timeout.nanoseconds + 999'999) / 1'000'000;
    const int rounded = timeout.nanoseconds < 0 ? -1 : static_cast<int>(ms < longest_ms ? ms : longest_ms);
    count = epoll_wait(epoll_.get(), events, 256, rounded);
  }
  for (int i = 0; i < count; ++i) static_cast<EventTarget*>(events[i].data.ptr)->on_events(events[i].events);
  return count < 0 ? 0 : count;
}

}  // namespace highwater::io
