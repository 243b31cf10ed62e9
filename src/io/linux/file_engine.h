// What carries out the file operations of one core: a ring when there is one, and the file thread, which also does
// everything that has a path. Counts what it refuses.
#pragma once

#include <memory>

#include "io/linux/background.h"
#include "io/linux/file_operation.h"
#include "io/linux/linux_reactor.h"
#include "io/linux/ring.h"

namespace highwater::io {

class FileEngine {
 public:
  FileEngine(Poller& poller, Inbox& inbox, ReadyQueue& ready, const LinuxOptions& options);

  FileEngineKind kind() const { return ring_ != nullptr ? FileEngineKind::io_uring : FileEngineKind::thread; }
  ReadyQueue& ready() { return *ready_; }
  Background& thread() { return thread_; }

  // False, and the operation gone, when there are too many under way.
  bool start(std::unique_ptr<FileOperation> operation);
  template <class T>
  Future<IoResult<T>> call(std::move_only_function<IoResult<T>()> work) {
    if (thread_.full()) ++refused_;
    return thread_.call<IoResult<T>>(*ready_, std::move(work), std::unexpected(IoError::other));
  }
  // To be called at the end of a turn; false when it has to be called again soon.
  bool submit() { return ring_ == nullptr || ring_->submit(); }
  // Finishes everything; what is closed later is closed on the spot.
  void stop() {
    ring_.reset();
    thread_.stop();
  }
  void refuse() { ++refused_; }
  std::uint64_t file_jobs() const { return thread_.submitted(); }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t ring_operations() const { return ring_ != nullptr ? ring_->started() : 0; }

 private:
  ReadyQueue* ready_;
  std::size_t limit_;
  Background thread_;
  std::unique_ptr<Ring> ring_;
  std::uint64_t refused_ = 0;
};

}  // namespace highwater::io
