// How much of a list is looked at in one turn of the loop (rule L1). Usage, once per element:
//   if (pace.is_over(n)) co_await pace.next_turn();
#pragma once

#include <cstddef>

#include "io/reactor.h"

namespace highwater::server {

class Pace {
 public:
  explicit Pace(io::Reactor& reactor) : reactor_(reactor) {}

  // `items` more are done; true when that was enough for this turn.
  bool is_over(std::size_t items) {
    done_ += items;
    if (done_ < items_per_turn) return false;
    done_ = 0;
    return true;
  }
  io::Future<io::Done> next_turn() { return reactor_.sleep_until(reactor_.now()); }

 private:
  // Each takes a microsecond at most.
  static constexpr std::size_t items_per_turn = 512;

  io::Reactor& reactor_;
  std::size_t done_ = 0;
};

}  // namespace highwater::server
