// Deadlines of many requests on one reactor timer. Equal deadlines come in the order of their numbers (rule L5).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>

#include "foundation/base/time.h"
#include "io/reactor.h"
#include "io/task.h"

namespace highwater::engine {

class Deadlines {
 public:
  using Expired = std::move_only_function<void(std::uint64_t)>;

  // `expired` gets the numbers whose deadline has passed, each once.
  Deadlines(io::Reactor& reactor, Expired expired);

  void add(Instant deadline, std::uint64_t number);
  void remove(Instant deadline, std::uint64_t number) { waiting_.erase({deadline, number}); }

 private:
  io::Task<void> sleep(Instant until);

  io::Reactor& reactor_;
  Expired expired_;
  std::set<std::pair<Instant, std::uint64_t>> waiting_;
  Instant armed_ = Instant::never();
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
