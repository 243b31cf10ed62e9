#include "io/task.h"

namespace highwater::io {

// A root frame runs one task to its end and then takes itself out of its group.
struct RootPromise : detail::TaskPromiseBase {
  TaskGroup* group = nullptr;
  TaskGroup::Node* node = nullptr;

  struct Root {
    using promise_type = RootPromise;
    std::coroutine_handle<RootPromise> handle;
  };
  Root get_return_object() { return {std::coroutine_handle<RootPromise>::from_promise(*this)}; }
  struct EndAwaiter {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<RootPromise> handle) noexcept {
      RootPromise& promise = handle.promise();
      promise.group->ended(promise.node);
    }
    void await_resume() noexcept {}
  };
  EndAwaiter final_suspend() noexcept { return {}; }
  void return_void() {}
};

struct TaskGroup::Node {
  std::coroutine_handle<> frame;
  Node* previous = nullptr;
  Node* next = nullptr;
};

namespace {

RootPromise::Root run_root(Task<void> task) { co_await task; }

}  // namespace

TaskGroup::~TaskGroup() {
  while (first_ != nullptr) {
    Node* node = first_;
    first_ = node->next;
    if (first_ != nullptr) first_->previous = nullptr;
    node->frame.destroy();
    delete node;
  }
}

void TaskGroup::spawn(Task<void> task) {
  RootPromise::Root root = run_root(std::move(task));
  Node* node = new Node{root.handle, nullptr, first_};
  if (first_ != nullptr) first_->previous = node;
  first_ = node;
  ++size_;
  root.handle.promise().group = this;
  root.handle.promise().node = node;
  root.handle.resume();
}

void TaskGroup::ended(Node* node) {
  (node->previous == nullptr ? first_ : node->previous->next) = node->next;
  if (node->next != nullptr) node->next->previous = node->previous;
  --size_;
  const std::coroutine_handle<> frame = node->frame;
  delete node;
  frame.destroy();
  if (size_ == 0 && drained_.pending()) drained_.complete({});
}

Future<Done> TaskGroup::drained() {
  if (size_ == 0) return Future<Done>::ready({});
  auto [promise, future] = make_future<Done>(*queue_);
  drained_ = std::move(promise);
  return std::move(future);
}

}  // namespace highwater::io
