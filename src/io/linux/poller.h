// epoll, edge triggered. Events are handed out while no coroutine runs, so a target may not disappear under its event.
#pragma once

#include <cstdint>

#include "foundation/base/time.h"
#include "io/linux/descriptor.h"

namespace highwater::io {

class EventTarget {
 public:
  // `events` are EPOLL* bits. May complete promises; runs no user code.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EventTarget() = default;
};

class Poller {
 public:
  Poller();

  bool valid() const { return epoll_.valid(); }
  // False with errno set when the kernel refuses. Closing the descriptor takes it out again.
  bool add(int fd, std::uint32_t events, EventTarget& target);
  void remove(int fd);
  // Waits until something happens or `timeout` is over (0: not at all; negative: for ever) and tells the targets.
  // Returns the number of events, at most one batch of 256.
  int wait(Duration timeout);

 private:
  Descriptor epoll_;
  bool has_fine_timeouts_ = true;
};

}  // namespace highwater::io
