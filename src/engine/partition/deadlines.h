// Deadlines of many requests on one reactor timer. Equal deadlines come in the order in which they were set (rule L5);
// the requests of a turn mostly have the same one, so that setting and withdrawing is linking and unlinking.
#pragma once

#include <map>

#include "foundation/base/time.h"
#include "io/reactor.h"
#include "io/task.h"

namespace highwater::engine {

// Lives inside its request; destroying it withdraws it.
class Deadline {
 public:
  virtual void on_deadline() = 0;
  void withdraw();

 protected:
  Deadline() = default;
  ~Deadline() { withdraw(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  friend class Deadlines;
  // Those of one instant, in the order in which they were set.
  struct Equal {
    Deadline* first = nullptr;
    Deadline* last = nullptr;
  };

  class Deadlines* set_in_ = nullptr;
  Equal* equal_ = nullptr;
  Instant at_;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
};

// Outlives the deadlines that are set in it.
class Deadlines {
 public:
  explicit Deadlines(io::Reactor& reactor) : reactor_(reactor), tasks_(reactor.ready()) {}

  // Calls deadline.on_deadline() once, when it has passed.
  void set(Instant at, Deadline& deadline);

 private:
  friend class Deadline;
  void remove(Deadline& deadline);
  io::Task<void> wait_until(Instant deadline);

  io::Reactor& reactor_;
  std::map<Instant, Deadline::Equal> waiting_;
  Deadline* newest_ = nullptr;  // the one that was set last, if it still is
  Instant armed_ = Instant::never();
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
