#include "io/linux/file_engine.h"

namespace highwater::io {

FileEngine::FileEngine(Poller& poller, Inbox& inbox, ReadyQueue& ready, const LinuxOptions& options)
    : ready_(&ready), limit_(options.file_queue_limit), thread_(inbox, "hw-files", options.file_queue_limit) {
  if (options.file_engine == FileEngineKind::thread) return;
  ring_ = Ring::probe(poller, [this](std::unique_ptr<FileOperation> operation) {
    // The kernel had a reason to decline it that blocking calls do not have; a full queue is no reason to lose it.
    if (!thread_.full()) return thread_.submit(std::move(operation));
    operation->run();
    operation->finish();
  });
}

bool FileEngine::start(std::unique_ptr<FileOperation> operation) {
  const bool full = ring_ != nullptr ? ring_->under_way() >= limit_ : thread_.full();
  if (full) {
    ++refused_;
    return false;
  }
  if (ring_ != nullptr) {
    ring_->start(std::move(operation));
  } else {
    thread_.submit(std::move(operation));
  }
  return true;
}

}  // namespace highwater::io
