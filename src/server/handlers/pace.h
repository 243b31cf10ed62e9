// How much of a list a request looks at in one turn of the loop (rule L1). Lives in the coroutine of that request, and
// is asked at each element, with how many items that one has:
//   if (pace.ends_turn(n)) co_await pace.next_turn();
#pragma once

#include <cstddef>

#include "io/reactor.h"

namespace highwater::server {

class Pace {
 public:
  explicit Pace(io::Reactor& reactor) : reactor_(reactor) {}

  // Counts `items` more; true when that was enough for this turn, and the next one begins with none.
  bool ends_turn(std::size_t items) {
    done_ += items;
    if (done_ < items_per_turn) return false;
    done_ = 0;
    ++turns_ended_;
    return true;
  }
  io::Future<io::Done> next_turn() { return reactor_.sleep_until(reactor_.now()); }
  // With none, the answer is short enough to be encoded on the loop.
  std::size_t turns_ended() const { return turns_ended_; }

 private:
  // Each takes a microsecond at most.
  static constexpr std::size_t items_per_turn = 512;

  io::Reactor& reactor_;
  std::size_t done_ = 0;
  std::size_t turns_ended_ = 0;
};

}  // namespace highwater::server
