#include "engine/routing/cores.h"

#include <doctest/doctest.h>

#include <deque>
#include <set>

namespace highwater::engine {
namespace {

// A reactor whose mailbox is emptied by hand; nothing else of it is used here.
class HandReactor final : public io::Reactor {
 public:
  Instant now() const override { return {}; }
  WallTime wall_now() const override { return {}; }
  io::Network& network() override { std::abort(); }
  io::FileSystem& files() override { std::abort(); }
  Random& random() override { return random_; }
  io::Future<io::Done> sleep_until(Instant) override { return io::Future<io::Done>::ready({}); }
  void post(std::move_only_function<void()> work) override { mail_.push_back(std::move(work)); }
  bool offload(std::move_only_function<void()>, std::move_only_function<void()>) override { return false; }

  std::size_t deliver() {
    std::size_t count = 0;
    for (; !mail_.empty(); ++count) {
      std::move_only_function<void()> work = std::move(mail_.front());
      mail_.pop_front();
      work();
    }
    return count;
  }

 private:
  Random random_{1};
  std::deque<std::move_only_function<void()>> mail_;
};

TopicPartition partition(std::uint64_t topic, std::int32_t index) {
  return {Uuid::from_halves(7, topic * 0x9E3779B9), index};
}

TEST_CASE("a call to the own core runs on the spot and uses no mailbox") {
  HandReactor only;
  Cores cores({&only});
  auto answer = cores.call<int>(0, 0, [](Reply<int> reply) { reply.complete(42); });
  CHECK(answer.is_ready());
  CHECK(only.deliver() == 0);
  CHECK(cores.open_calls(0) == 0);
}

TEST_CASE("a call to another core runs there and its answer arrives on the calling core") {
  HandReactor first;
  HandReactor second;
  Cores cores({&first, &second});
  int ran = 0;
  auto answer = cores.call<int>(0, 1, [&ran](Reply<int> reply) {
    ++ran;
    reply.complete(7);
  });
  CHECK(ran == 0);
  CHECK(cores.open_calls(0) == 1);
  CHECK(second.deliver() == 1);
  CHECK(ran == 1);
  CHECK_FALSE(answer.is_ready());
  CHECK(first.deliver() == 1);
  CHECK(answer.is_ready());
  CHECK(cores.open_calls(0) == 0);
}

TEST_CASE("a reply that dies with its core touches nothing of the caller") {
  HandReactor first;
  Cores* cores = nullptr;
  {
    HandReactor second;
    Cores both({&first, &second});
    cores = &both;
    auto answer = cores->call<int>(0, 1, [](Reply<int>) {});
    second.deliver();
    CHECK_FALSE(answer.is_ready());
    CHECK(cores->open_calls(0) == 1);
  }
}

TEST_CASE("partitions that are made one after the other go round the cores") {
  HandReactor r0, r1, r2;
  const Cores cores({&r0, &r1, &r2});
  for (std::uint32_t number = 0; number < 9; ++number) CHECK(cores.owner(number) == number % 3);
}

TEST_CASE("partitions of one topic spread over all cores and topics begin on different ones") {
  std::set<std::size_t> of_one_topic;
  std::set<std::size_t> of_first_partitions;
  for (std::int32_t i = 0; i < 4; ++i) of_one_topic.insert(Cores::spread(partition(1, i), 4));
  for (std::uint64_t topic = 1; topic < 64; ++topic) of_first_partitions.insert(Cores::spread(partition(topic, 0), 4));
  CHECK(of_one_topic.size() == 4);
  CHECK(of_first_partitions.size() == 4);
}

}  // namespace
}  // namespace highwater::engine
