// Want of space says nothing about what is on a disk (rule W11): it passes, and so does all that it prevented.
#include <doctest/doctest.h>

#include <string>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

// Set per run: bytes that are left.
std::uint64_t room = 0;

void fill_disk(TestNode& node) { disk_of(node).conditions().capacity = disk_of(node).used() + room; }
void free_disk(TestNode& node) { disk_of(node).conditions().capacity = std::uint64_t{1} << 40; }

io::Task<void> make_while_full(TestNode& node) {
  co_await node.start(1, 0);
  fill_disk(node);
  node.host().assign(test_assignment(test_partition(1)), {});
  (void)co_await node.host().settled();
  co_await pause(node, Duration::from_seconds(5));
  const AppendOutcome refused = co_await node.append(one_record(std::string(1000, 'x')), Acks::all, 1);
  CHECK(refused.error != ErrorCode::none);
  const ReadOutcome nothing = co_await node.read(0, 1);
  if (nothing.error == ErrorCode::none) CHECK(values_in(nothing).empty());
  CHECK(node.host().take_offline().empty());
  free_disk(node);
  co_await pause(node, Duration::from_seconds(10));
  const AppendOutcome taken = co_await node.append(one_record("later"), Acks::all, 1);
  CHECK(taken.error == ErrorCode::none);
  CHECK(taken.base_offset == 0);
  const ReadOutcome read = co_await node.read(0, 1);
  CHECK(values_in(read) == std::vector<std::string>{"later"});
  co_await node.stop();
  CHECK(node.host().clean(0));
}

TEST_CASE("a log that could not be made on a full disk is made when there is room again") {
  for (room = 0; room < 200; room += 20) {
    Rig rig;
    rig.run(make_while_full);
  }
}

io::Task<void> remove_while_full(TestNode& node) {
  co_await node.start(1, 0);
  room = 0;
  fill_disk(node);
  node.host().assign(test_assignment(test_partition(1)), {});
  (void)co_await node.host().settled();
  node.host().remove(test_partition(1));
  (void)co_await node.host().settled();
  free_disk(node);
  co_await pause(node, Duration::from_seconds(20));
  CHECK(node.host().find(test_partition(1)) == nullptr);
  co_await node.stop();
  CHECK(node.host().clean(0));
  const auto left = co_await node.reactor().files().list("/data");
  REQUIRE(left.has_value());
  for (const io::DirectoryEntry& entry : *left) CHECK_FALSE(entry.name.starts_with("topic-1"));
}

TEST_CASE("a topic that is deleted while its log waits for room leaves nothing behind") {
  Rig rig;
  rig.run(remove_while_full);
}

configs::TopicSettings small_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 1500;
  settings.index_interval_bytes = 500;
  return settings;
}

constexpr int records = 20;

std::string value_of(int i) { return std::string(400, 'x') + std::to_string(i); }

io::Task<void> fill_and_die(TestNode& node) {
  co_await node.start(2, 0);
  for (int i = 0; i < records; ++i) {
    const AppendOutcome outcome = co_await node.append(one_record(value_of(i)));
    CHECK(outcome.error == ErrorCode::none);
  }
}

io::Task<void> recover_while_full(TestNode& node) {
  fill_disk(node);
  co_await node.start(2, 0);
  co_await pause(node, Duration::from_seconds(5));
  CHECK(node.host().take_offline().empty());
  free_disk(node);
  co_await pause(node, Duration::from_seconds(10));
  for (int i = 0; i < records; ++i) {
    const ReadOutcome read = co_await node.read(i, 0, 1);
    CHECK(values_in(read) == std::vector<std::string>{value_of(i)});
  }
  const AppendOutcome taken = co_await node.append(one_record("later"));
  CHECK(taken.error == ErrorCode::none);
  CHECK(taken.base_offset == records);
  co_await node.stop();
  CHECK(node.host().clean(0));
}

TEST_CASE("a log that could not be recovered on a full disk is recovered when there is room again") {
  for (room = 0; room < 2000; room += 250) {
    Rig rig(1, small_segments());
    rig.run(fill_and_die);
    rig.run(recover_while_full);
  }
}

}  // namespace
}  // namespace highwater::engine
