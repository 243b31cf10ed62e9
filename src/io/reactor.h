// One core's loop: the only source of time, sockets, files and waiting for everything that runs on that core.
// A turn: collect what the outside world finished, resume what is ready, run the end-of-turn hooks (group commit, one
// send per connection), until nothing is ready; then wait. Two bodies: io/linux and io/sim. There is no global reactor:
// whoever needs one gets a reference at construction, and is used on that core only.
#pragma once

#include <cstdint>
#include <functional>

#include "foundation/base/random.h"
#include "foundation/base/time.h"
#include "io/file.h"
#include "io/future.h"
#include "io/ready.h"
#include "io/socket.h"
#include "io/task.h"

namespace highwater::io {

// Called at the end of a turn in which it was requested. Lives inside its owner; destroying it withdraws the request.
class TurnEndHook {
 public:
  virtual void at_turn_end() = 0;

 protected:
  TurnEndHook() = default;
  ~TurnEndHook();
  TurnEndHook(const TurnEndHook&) = delete;
  TurnEndHook& operator=(const TurnEndHook&) = delete;

 private:
  friend class Reactor;
  class Reactor* requested_on_ = nullptr;
  TurnEndHook* next_ = nullptr;
};

class Reactor {
 public:
  virtual ~Reactor() = default;

  virtual Instant now() const = 0;        // frozen for the turn
  virtual WallTime wall_now() const = 0;  // frozen for the turn
  virtual Network& network() = 0;
  virtual FileSystem& files() = 0;
  virtual Random& random() = 0;  // for jitter and ids; seeded by the world in the simulator, by the kernel otherwise

  // Ready at `deadline`; equal deadlines fire in the order of the calls (L5). Dropping the future cancels the timer.
  virtual Future<Done> sleep_until(Instant deadline) = 0;
  // Runs `work` on this reactor's core in a later turn. The one call that any core may make. Order per caller is kept.
  virtual void post(std::move_only_function<void()> work) = 0;
  // Runs `work` (pure: bytes in, bytes out) on a worker thread and then `done` on this core; in the simulator a timed
  // event. The worker queue is bounded: false means "full, do it in slices or refuse".
  virtual bool offload(std::move_only_function<void()> work, std::move_only_function<void()> done) = 0;

  ReadyQueue& ready() { return ready_; }
  template <class T>
  std::pair<Promise<T>, Future<T>> make_future() {
    return io::make_future<T>(ready_);
  }
  // Asks for hook.at_turn_end() once, at the end of this turn; asking twice in a turn is asking once. Hooks that were
  // asked for by hooks run in the same turn, after them.
  void request_turn_end(TurnEndHook& hook);

 protected:
  // For the bodies: resumes and hooks until nothing is left, at most `resume_limit` resumptions (L1), true when
  // drained.
  bool run_ready(std::size_t resume_limit);

 private:
  friend class TurnEndHook;
  ReadyQueue ready_;
  TurnEndHook* hooks_first_ = nullptr;
  TurnEndHook* hooks_last_ = nullptr;
};

}  // namespace highwater::io
