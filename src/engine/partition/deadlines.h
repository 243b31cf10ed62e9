// Deadlines of many requests on one reactor timer. Equal deadlines come in the order of their numbers (rule L5).
#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "foundation/base/time.h"
#include "io/reactor.h"
#include "io/task.h"

namespace highwater::engine {

class DeadlineListener {
 public:
  virtual ~DeadlineListener() = default;
  // Called once for a number whose deadline has passed.
  virtual void on_deadline(std::uint64_t number) = 0;
};

class Deadlines {
 public:
  Deadlines(io::Reactor& reactor, DeadlineListener& listener);

  void add(Instant deadline, std::uint64_t number);
  void remove(Instant deadline, std::uint64_t number) { waiting_.erase({deadline, number}); }

 private:
  io::Task<void> wait_until(Instant deadline);

  io::Reactor& reactor_;
  DeadlineListener& listener_;
  std::set<std::pair<Instant, std::uint64_t>> waiting_;
  Instant armed_ = Instant::never();
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
