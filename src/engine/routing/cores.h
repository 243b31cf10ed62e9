// Which core owns what, and how cores talk. A partition belongs to exactly one core; everything else reaches it as a
// message. One Cores per node, made before any room that uses it and destroyed after all of them; each method may be
// called on any core, `from` being the core that calls.
//
// The number of cores may change between two starts: nothing on disk knows which core owned what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "foundation/base/check.h"
#include "foundation/base/ids.h"
#include "io/future.h"
#include "io/reactor.h"

namespace highwater::engine {

using CoreIndex = std::uint32_t;

namespace detail {

// A call under way, kept on the core that waits: an answer travels as a slot number, so that an unanswered call that is
// thrown away on another core never touches the waiting core's memory (rule L4).
class CallSlots {
 public:
  struct Entry {
    virtual ~Entry() = default;
  };

  std::size_t put(std::unique_ptr<Entry> entry);
  std::unique_ptr<Entry> take(std::size_t slot);
  std::size_t open() const { return entries_.size() - free_.size(); }

 private:
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<std::size_t> free_;
};

template <class R>
struct CallEntry final : CallSlots::Entry {
  explicit CallEntry(io::Promise<R> waiting) : promise(std::move(waiting)) {}
  io::Promise<R> promise;
};

}  // namespace detail

class Cores;

// The right to answer one call, once. Lives on the core that does the work; dropping it unanswered leaves the caller
// waiting, which only a killed node does.
template <class R>
class Reply {
 public:
  Reply(Reply&& other) noexcept
      : here_(std::move(other.here_)),
        cores_(std::exchange(other.cores_, nullptr)),
        home_(other.home_),
        slot_(other.slot_) {}
  Reply& operator=(Reply&& other) noexcept {
    std::swap(here_, other.here_);
    std::swap(cores_, other.cores_);
    std::swap(home_, other.home_);
    std::swap(slot_, other.slot_);
    return *this;
  }
  void complete(R value);

 private:
  friend class Cores;
  explicit Reply(io::Promise<R> here) : here_(std::move(here)) {}
  Reply(Cores& cores, CoreIndex home, std::size_t slot) : cores_(&cores), home_(home), slot_(slot) {}

  io::Promise<R> here_;  // of a call to the own core
  Cores* cores_ = nullptr;
  CoreIndex home_ = 0;  // where the answer is waited for
  std::size_t slot_ = 0;
};

class Cores {
 public:
  // At least one reactor; they must outlive this.
  explicit Cores(std::vector<io::Reactor*> reactors);

  CoreIndex count() const { return static_cast<CoreIndex>(cores_.size()); }
  io::Reactor& reactor(CoreIndex core) { return *cores_[core].reactor; }
  // By the number of a partition (metadata::TopicImage): those that are made one after the other go round.
  CoreIndex owner(std::uint32_t number) const { return static_cast<CoreIndex>(number % cores_.size()); }
  // Gives each partition one of `ways` numbers, about evenly and always the same.
  static std::size_t spread(const TopicPartition& partition, std::size_t ways);

  // Runs `work` on `core` in a later turn, even when `core` is the calling one. Order per caller is kept.
  void post(CoreIndex core, std::move_only_function<void()> work) { cores_[core].reactor->post(std::move(work)); }

  // Runs `work(Reply<R>)` on core `to` and gives what it replies. On the own core it runs on the spot, no mailbox.
  template <class R, class Work>
  io::Future<R> call(CoreIndex from, CoreIndex to, Work work) {
    auto [promise, future] = reactor(from).template make_future<R>();
    if (from == to) {
      work(Reply<R>(std::move(promise)));
      return std::move(future);
    }
    const std::size_t slot = cores_[from].calls->put(std::make_unique<detail::CallEntry<R>>(std::move(promise)));
    post(to, [work = std::move(work), reply = Reply<R>(*this, from, slot)]() mutable { work(std::move(reply)); });
    return std::move(future);
  }

  // Calls of this core to others that are not answered yet; for counters and for a clean stop.
  std::size_t open_calls(CoreIndex core) const { return cores_[core].calls->open(); }

 private:
  template <class R>
  friend class Reply;

  template <class R>
  void finish(CoreIndex home, std::size_t slot, R value) {
    std::unique_ptr<detail::CallSlots::Entry> entry = cores_[home].calls->take(slot);
    static_cast<detail::CallEntry<R>&>(*entry).promise.complete(std::move(value));
  }

  struct Core {
    io::Reactor* reactor;
    std::unique_ptr<detail::CallSlots> calls;  // touched on that core only
  };
  std::vector<Core> cores_;
};

template <class R>
void Reply<R>::complete(R value) {
  if (here_.pending()) return here_.complete(std::move(value));
  Cores* cores = std::exchange(cores_, nullptr);
  HW_CHECK(cores != nullptr);
  cores->post(home_, [cores, home = home_, slot = slot_, value = std::move(value)]() mutable {
    cores->finish<R>(home, slot, std::move(value));
  });
}

}  // namespace highwater::engine
