// The append requests under way on one core. Partitions know them by ticket only: a ticket whose request has ended
// finds nothing, however late it comes. Owned by the core's PartitionHost.
#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/partition/deadlines.h"
#include "engine/partition/outcomes.h"
#include "machines/replica/leader.h"

namespace highwater::engine {

class AppendCall;
class AppendCalls;
class Partition;

// More parts or more requests than a ticket can name are refused.
inline constexpr unsigned ticket_part_bits = 20;
inline constexpr std::size_t request_parts_max = std::size_t{1} << ticket_part_bits;
inline constexpr unsigned ticket_slot_bits = 20;
inline constexpr std::size_t append_calls_max = std::size_t{1} << ticket_slot_bits;

class AppendListener {
 public:
  virtual ~AppendListener() = default;
  virtual void on_append_expired(AppendCall& call) = 0;
};

// Whoever waits for an append, and holds it.
class AppendWaiter {
 public:
  // Every part has its outcome. The call is not touched afterwards; nothing may be appended from within.
  virtual void on_appended() = 0;
  // The partitions went away first.
  virtual void on_given_up() {}

 protected:
  ~AppendWaiter() = default;
};

// The appends of one request to partitions of one core, in the memory of whoever waits for them. Destroying it gives
// them up: what was appended stays appended.
class AppendCall final : public Deadline {
 public:
  explicit AppendCall(AppendWaiter& waiter) : waiter_(waiter) {}
  ~AppendCall();

  struct Part {
    TopicPartition id;
    Slice records;
    AppendOutcome outcome;
    Partition* partition = nullptr;
    bool open = true;
  };
  absl::InlinedVector<Part, 1> parts;
  AppendOptions options;
  std::size_t open_parts = 0;

  AppendWaiter& waiter() { return waiter_; }
  replica::TicketId ticket(std::size_t part) const { return number_ << ticket_part_bits | part; }

 private:
  friend class AppendCalls;
  void on_deadline() override;

  AppendWaiter& waiter_;
  AppendCalls* under_way_in_ = nullptr;
  std::uint64_t number_ = 0;  // its slot, and above it how often that was taken before
};

inline std::size_t part_of(replica::TicketId ticket) { return ticket & (request_parts_max - 1); }

class AppendCalls {
 public:
  explicit AppendCalls(AppendListener& listener) : listener_(listener) {}
  ~AppendCalls();
  AppendCalls(const AppendCalls&) = delete;
  AppendCalls& operator=(const AppendCalls&) = delete;

  bool full() const { return first_free_ == none && slots_.size() == append_calls_max; }
  // Not when full().
  void add(AppendCall& call);
  // Null when the request has ended.
  AppendCall* find(replica::TicketId ticket) const;
  void remove(AppendCall& call);

 private:
  friend class AppendCall;
  static constexpr std::size_t none = SIZE_MAX;
  struct Slot {
    AppendCall* call = nullptr;
    std::uint64_t taken = 0;  // how often; wraps after 24 bits, far beyond the life of any ticket
    std::size_t next_free = none;
  };

  AppendListener& listener_;
  std::vector<Slot> slots_;
  std::size_t first_free_ = none;  // the one that is free for the longest time is taken first
  std::size_t last_free_ = none;
};

}  // namespace highwater::engine
