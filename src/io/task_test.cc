#include "io/task.h"

#include <doctest/doctest.h>

namespace highwater::io {
namespace {

Task<int> twice(Future<int> input) {
  const int value = co_await std::move(input);
  co_return value * 2;
}

Task<void> store(Future<int> input, int& output) {
  const int value = co_await twice(std::move(input));
  output = value;
}

void run(ReadyQueue& queue) {
  while (!queue.empty()) queue.pop().resume();
}

}  // namespace

TEST_CASE("a completed promise resumes the waiter through the queue") {
  ReadyQueue queue;
  int output = 0;
  TaskGroup group(queue);
  auto [promise, future] = make_future<int>(queue);
  group.spawn(store(std::move(future), output));
  CHECK(group.size() == 1);
  promise.complete(21);
  CHECK(output == 0);
  run(queue);
  CHECK(output == 42);
  CHECK(group.size() == 0);
}

TEST_CASE("a group that dies forgets its waiters, before and after completion") {
  for (const bool completed : {false, true}) {
    ReadyQueue queue;
    int output = 0;
    auto [promise, future] = make_future<int>(queue);
    {
      TaskGroup group(queue);
      group.spawn(store(std::move(future), output));
      if (completed) promise.complete(1);
    }
    CHECK(queue.empty());
    if (!completed) promise.complete(1);
    run(queue);
    CHECK(output == 0);
  }
}

TEST_CASE("drained completes when the last task ends") {
  ReadyQueue queue;
  int output = 0;
  TaskGroup group(queue);
  CHECK(group.drained().is_ready());
  auto [promise, future] = make_future<int>(queue);
  group.spawn(store(std::move(future), output));
  Future<Done> drained = group.drained();
  CHECK_FALSE(drained.is_ready());
  promise.complete(1);
  run(queue);
  CHECK(drained.is_ready());
}

}  // namespace highwater::io
