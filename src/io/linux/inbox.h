// Work from other threads for one core's loop. A wake-up costs 20 microseconds of CPU, so the eventfd is written only
// when the loop sleeps, and once. Unbounded by itself: every sender bounds what it has under way (mailboxes, file and
// worker queues).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "io/linux/descriptor.h"
#include "io/linux/poller.h"

namespace highwater::io {

class Inbox final : public EventTarget {
 public:
  using Work = std::move_only_function<void()>;

  Inbox();
  bool attach(Poller& poller);

  void post(Work work);  // any thread
  void wake();           // any thread, also from a signal handler

  bool empty();  // any thread
  // The loop's side: false when there is work, else the next post will wake the loop.
  bool prepare_sleep();
  // Runs what had arrived when it was called; what it posts itself waits for the next turn.
  std::size_t run();
  // Destroys what never ran.
  void discard();

  void on_events(std::uint32_t events) override;
  std::uint64_t wakeups() const { return wakeups_; }

 private:
  Descriptor eventfd_;
  std::mutex mutex_;
  std::vector<Work> arrived_;
  bool asleep_ = false;
  std::vector<Work> running_;
  std::uint64_t wakeups_ = 0;
};

}  // namespace highwater::io
