// Shapes of co_await that compilers have got wrong: temporaries of a suspended statement destroyed twice or never
// (g++ 12 double-frees three of these, does not compile three more). Our own code keeps to one plain shape, but the
// compiler that ships must be right about all of them, because nothing else would tell us. Every shape runs to its end
// and is also destroyed where it waits; each object must die exactly once.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/future.h"
#include "io/task.h"

namespace highwater::io {
namespace {

int living = 0;
int wrong_deaths = 0;

class Tracked {
 public:
  explicit Tracked(int value = 0) : value_(value), heap_(std::make_unique<std::string>(64, 'x')) { ++living; }
  Tracked(const Tracked& other) : Tracked(other.value_) {}
  Tracked(Tracked&& other) noexcept : value_(other.value_), heap_(std::move(other.heap_)) { ++living; }
  Tracked& operator=(Tracked other) noexcept {
    std::swap(value_, other.value_);
    std::swap(heap_, other.heap_);
    return *this;
  }
  ~Tracked() {
    if (dead_) ++wrong_deaths;
    dead_ = true;
    --living;
  }
  int value() const { return value_; }

 private:
  int value_;
  bool dead_ = false;
  std::unique_ptr<std::string> heap_;
};

struct Two {
  Tracked first;
  Tracked second;
};

// Each wait suspends once: the test completes the waits one after the other, or never.
class Waits {
 public:
  explicit Waits(ReadyQueue& queue) : queue_(&queue) {}
  Future<Done> next() {
    auto [promise, future] = make_future<Done>(*queue_);
    pending_.push_back(std::move(promise));
    return std::move(future);
  }
  bool complete_one() {
    if (completed_ == pending_.size()) return false;
    pending_[completed_++].complete({});
    return true;
  }

 private:
  ReadyQueue* queue_;
  std::vector<Promise<Done>> pending_;
  std::size_t completed_ = 0;
};

Task<Tracked> make(Waits& waits, int value) {
  co_await waits.next();
  co_return Tracked(value);
}

Task<Tracked> add(Waits& waits, Tracked a, Tracked b) {
  co_await waits.next();
  co_return Tracked(a.value() + b.value());
}

Task<Tracked> apply(Waits& waits, std::function<Tracked()> function) {
  co_await waits.next();
  co_return function();
}

template <class F>
Task<Tracked> apply_any(Waits& waits, F function) {
  co_await waits.next();
  co_return function();
}

Task<void> temporary_arguments(Waits& waits, int& result) {
  const Tracked sum = co_await add(waits, Tracked(1), Tracked(2));
  result = sum.value();
}

Task<void> capturing_lambda_as_function(Waits& waits, int& result) {
  const Tracked seven(7);
  const Tracked got = co_await apply(waits, [seven] { return Tracked(seven.value()); });
  result = got.value();
}

Task<void> capturing_lambda_as_template(Waits& waits, int& result) {
  const Tracked seven(7);
  const Tracked got = co_await apply_any(waits, [seven] { return Tracked(seven.value()); });
  result = got.value();
}

Task<void> lambda_with_moved_capture(Waits& waits, int& result) {
  Tracked seven(7);
  const Tracked got = co_await apply_any(waits, [moved = std::move(seven)] { return Tracked(moved.value()); });
  result = got.value();
}

Task<void> conditional_around_await(Waits& waits, int& result) {
  const bool yes = result == 0;
  const Tracked got = yes ? co_await make(waits, 3) : Tracked(4);
  const Tracked other = !yes ? Tracked(5) : co_await make(waits, 6);
  result = got.value() + other.value();
}

Task<void> conditional_in_argument(Waits& waits, int& result) {
  const bool yes = result == 0;
  const Tracked got = co_await add(waits, yes ? Tracked(1) : Tracked(2), yes ? co_await make(waits, 10) : Tracked(0));
  result = got.value();
}

Task<void> braced_aggregate(Waits& waits, int& result) {
  const Two two{co_await make(waits, 1), co_await make(waits, 20)};
  result = two.first.value() + two.second.value();
}

Task<void> designated_aggregate(Waits& waits, int& result) {
  const Two two{.first = Tracked(5), .second = co_await make(waits, 30)};
  result = two.first.value() + two.second.value();
}

Task<void> braced_list(Waits& waits, int& result) {
  const std::vector<Tracked> all{Tracked(1), co_await make(waits, 2), co_await make(waits, 3)};
  for (const Tracked& one : all) result += one.value();
}

Task<void> nested_awaits(Waits& waits, int& result) {
  const Tracked got = co_await add(waits, co_await make(waits, 1), co_await add(waits, Tracked(2), Tracked(4)));
  result = got.value();
}

Task<void> await_in_range_and_condition(Waits& waits, int& result) {
  for (int i = 0; (co_await make(waits, i)).value() < 2; ++i) result += 1;
  if (const Tracked got = co_await make(waits, 8); got.value() == 8) result += got.value();
}

Task<int> at_once(int value) { co_return value; }

Task<int> deep(int levels) {
  if (levels == 0) co_return 0;
  const int below = co_await deep(levels - 1);
  co_return below + 1;
}

Task<void> many_at_once(int count, int& result) {
  for (int i = 0; i < count; ++i) result += co_await at_once(1);
}

Task<void> chain(Waits& waits, int& result) {
  const Tracked got = co_await make(waits, 1);
  result = got.value() + co_await deep(1'000);
}

using Shape = Task<void> (*)(Waits&, int&);

// Completes `steps` waits and destroys what is left; -1 when it had come to its end.
int run(Shape shape, int steps) {
  ReadyQueue queue;
  Waits waits(queue);
  int result = 0;
  bool ended = false;
  {
    TaskGroup tasks(queue);
    tasks.spawn(shape(waits, result));
    while (steps-- > 0 && waits.complete_one()) {
      while (!queue.empty()) queue.pop().resume();
    }
    ended = tasks.size() == 0;
  }
  CHECK(living == 0);
  CHECK(wrong_deaths == 0);
  return ended ? result : -1;
}

void check(Shape shape, int expected) {
  int steps = 0;
  int result = -1;
  while (result == -1) {
    result = run(shape, steps++);
    REQUIRE(steps < 20);
  }
  CHECK(steps > 1);
  CHECK(result == expected);
}

}  // namespace

TEST_CASE("temporaries in the arguments of an awaited call die once") { check(temporary_arguments, 3); }
TEST_CASE("a capturing lambda that becomes a function dies once") { check(capturing_lambda_as_function, 7); }
TEST_CASE("a capturing lambda that is passed as it is dies once") { check(capturing_lambda_as_template, 7); }
TEST_CASE("a lambda that owns what it captured dies once") { check(lambda_with_moved_capture, 7); }
TEST_CASE("an object chosen by a condition around an await dies once") { check(conditional_around_await, 9); }
TEST_CASE("an argument chosen by a condition around an await dies once") { check(conditional_in_argument, 11); }
TEST_CASE("an aggregate of awaited values is complete") { check(braced_aggregate, 21); }
TEST_CASE("an aggregate with a named awaited field is complete") { check(designated_aggregate, 35); }
TEST_CASE("a list of awaited values is complete") { check(braced_list, 6); }
TEST_CASE("awaits within the arguments of an await die once") { check(nested_awaits, 7); }
TEST_CASE("awaits in loop and branch conditions die once") { check(await_in_range_and_condition, 10); }

TEST_CASE("a chain of a thousand awaits comes back to its start") { check(chain, 1'001); }

// Without tail calls between coroutines each of these would leave its frames on the stack.
TEST_CASE("a million awaited tasks in a row need no more stack than one") {
  ReadyQueue queue;
  int result = 0;
  TaskGroup tasks(queue);
  tasks.spawn(many_at_once(1'000'000, result));
  CHECK(result == 1'000'000);
}

}  // namespace highwater::io
