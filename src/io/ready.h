// The queue of coroutines that a reactor resumes next. A ReadyHook lives inside the awaiter, thus inside the frame that
// waits: destroying the frame takes it out of whatever it is linked in, so a killed coroutine is never resumed.
#pragma once

#include <coroutine>

namespace highwater::io {

class ReadyHook {
 public:
  ReadyHook() = default;
  ReadyHook(const ReadyHook&) = delete;
  ReadyHook& operator=(const ReadyHook&) = delete;
  ~ReadyHook() { unlink(); }

  void unlink() {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

  std::coroutine_handle<> handle;

 private:
  friend class ReadyQueue;
  ReadyHook* previous_ = nullptr;
  ReadyHook* next_ = nullptr;
};

// First in, first out; equal causes resume in the order in which they happened (rule L5).
class ReadyQueue {
 public:
  ReadyQueue() { head_.next_ = head_.previous_ = &head_; }
  ~ReadyQueue() {
    while (head_.next_ != &head_) head_.next_->unlink();
    head_.next_ = head_.previous_ = nullptr;
  }
  ReadyQueue(const ReadyQueue&) = delete;
  ReadyQueue& operator=(const ReadyQueue&) = delete;

  bool empty() const { return head_.next_ == &head_; }
  void push(ReadyHook& hook) {
    hook.previous_ = head_.previous_;
    hook.next_ = &head_;
    head_.previous_->next_ = &hook;
    head_.previous_ = &hook;
  }
  // Takes the oldest out and returns its handle; the queue must not be empty.
  std::coroutine_handle<> pop() {
    ReadyHook* first = head_.next_;
    first->unlink();
    return first->handle;
  }

 private:
  ReadyHook head_;
};

}  // namespace highwater::io
