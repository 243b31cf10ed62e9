// io_uring for reads, writes and syncs of files. Operations beyond the ring's size wait in a queue of ours; what the
// kernel declines (no memory, no such opcode) is given back to run on the file thread. Buffers are ordinary memory:
// nothing is registered, so RLIMIT_MEMLOCK does not matter (rule W10).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "io/linux/file_operation.h"
#include "io/linux/poller.h"

struct io_uring;

namespace highwater::io {

class Ring final : public EventTarget {
 public:
  using Decline = std::move_only_function<void(std::unique_ptr<FileOperation>)>;

  // Null when the kernel or the container does not allow it. `decline` takes what the ring cannot do.
  static std::unique_ptr<Ring> probe(Poller& poller, Decline decline);
  // Waits for everything that the kernel holds.
  ~Ring();

  void start(std::unique_ptr<FileOperation> operation);
  // Hands what was started in this turn to the kernel with one call; false when it is short of memory and wants to be
  // asked again.
  bool submit();
  std::size_t under_way() const { return in_kernel_ + waiting_.size(); }
  std::uint64_t started() const { return started_; }

  void on_events(std::uint32_t events) override;

 private:
  Ring(std::unique_ptr<io_uring> ring, Decline decline);
  void prepare(FileOperation& operation);
  void fill();
  void collect();
  void ended(std::unique_ptr<FileOperation> operation, std::int32_t result);

  std::unique_ptr<io_uring> ring_;
  Decline decline_;
  std::deque<std::unique_ptr<FileOperation>> waiting_;
  std::size_t in_kernel_ = 0;
  std::uint64_t started_ = 0;
};

}  // namespace highwater::io
