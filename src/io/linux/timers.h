// The deadlines of one core: a heap with the order of the calls as the second key (rule L5).
#pragma once

#include <cstdint>
#include <vector>

#include "foundation/base/time.h"
#include "io/future.h"

namespace highwater::io {

class Timers {
 public:
  Future<Done> at(ReadyQueue& queue, Instant deadline);
  // Completes everything whose deadline is not after `now`.
  void fire(Instant now);
  // The earliest deadline that somebody still waits for; Instant::never() when there is none.
  Instant next();
  // Dropped timers are still counted until they are swept: at most as many as live ones, and 64.
  std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Instant deadline;
    std::uint64_t order;
    Promise<Done> promise;
  };
  static bool later(const Entry& a, const Entry& b);
  void pop();
  void sweep();

  std::vector<Entry> heap_;
  std::uint64_t next_order_ = 0;
  std::size_t sweep_at_ = 64;
};

}  // namespace highwater::io
