#include <doctest/doctest.h>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

Slice two_records(int i) { return test_batch({"a" + std::to_string(i), "b" + std::to_string(i)}); }

io::Task<void> append_three(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 3; ++i) {
    auto outcome = co_await node.append(two_records(i));
    CHECK(outcome.error == ErrorCode::none);
    CHECK(outcome.base_offset == 2 * i);
  }
  auto read = co_await node.read(0);
  CHECK(read.error == ErrorCode::none);
  CHECK(read.high_watermark == 6);
  CHECK(values_in(read) == std::vector<std::string>{"a0", "b0", "a1", "b1", "a2", "b2"});
}

io::Task<void> append_three_and_stop(TestNode& node) {
  co_await append_three(node);
  co_await node.stop();
}

io::Task<void> read_three(TestNode& node) {
  co_await node.start(1, 1);
  auto read = co_await node.read(0);
  CHECK(read.error == ErrorCode::none);
  CHECK(read.high_watermark == 6);
  CHECK(values_in(read) == std::vector<std::string>{"a0", "b0", "a1", "b1", "a2", "b2"});
  auto middle = co_await node.read(3);
  CHECK(values_in(middle) == std::vector<std::string>{"a1", "b1", "a2", "b2"});
  auto outcome = co_await node.append(one_record("next"));
  CHECK(outcome.base_offset == 6);
}

TEST_CASE("what was appended is read back at its offsets") {
  Rig rig;
  rig.run(append_three);
}

TEST_CASE("a killed node reads back what it acknowledged and goes on at the next offset") {
  Rig rig;
  rig.run(append_three);
  rig.run(read_three);
}

TEST_CASE("a cleanly stopped node reads back what it acknowledged and goes on at the next offset") {
  Rig rig;
  rig.run(append_three_and_stop);
  CHECK(rig.machine.disk().content("/data/.kafka_cleanshutdown") == "{\"version\":0,\"brokerEpoch\":42}");
  CHECK(rig.machine.disk().content("/data/recovery-point-offset-checkpoint") == "0\n1\ntopic 0 6\n");
  CHECK(rig.machine.disk().content("/data/replication-offset-checkpoint") == "0\n1\ntopic 0 6\n");
  CHECK(rig.machine.disk().content("/data/topic-0/leader-epoch-checkpoint") == "0\n1\n0 0\n");
  rig.run(read_three);
  CHECK_FALSE(rig.machine.disk().content("/data/.kafka_cleanshutdown").has_value());
}

TEST_CASE("after a power cut everything acknowledged is there") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rig rig(seed);
    TestNode& node = rig.start(append_three);
    for (int i = 0; i < 600 && node.tasks.size() != 0; ++i) rig.world.run_for(Duration::from_ms(10));
    rig.machine.power_cut();
    rig.machine.boot();
    rig.run(read_three);
  }
}

io::Task<void> roll_and_read(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 40; ++i) {
    auto outcome = co_await node.append(one_record(std::string(1000, 'x') + std::to_string(i)));
    CHECK(outcome.base_offset == i);
  }
  for (Offset from = 0; from < 40; ++from) {
    auto read = co_await node.read(from, 0, 3000);
    const auto values = values_in(read);
    REQUIRE_FALSE(values.empty());
    CHECK(values.front() == std::string(1000, 'x') + std::to_string(from));
  }
}

configs::TopicSettings small_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 5000;
  settings.index_interval_bytes = 1000;
  return settings;
}

io::Task<void> read_all_rolled(TestNode& node) {
  co_await node.start(1, 1);
  for (Offset from = 0; from < 40; ++from) {
    auto read = co_await node.read(from, 0, 10);
    CHECK(values_in(read) == std::vector<std::string>{std::string(1000, 'x') + std::to_string(from)});
  }
  co_await node.stop();
}

TEST_CASE("a log of many segments reads the same before and after crash and clean stop") {
  Rig rig(3, small_segments());
  rig.run(roll_and_read);
  CHECK(rig.machine.disk().content("/data/topic-0/00000000000000000004.log").has_value());
  CHECK(rig.machine.disk().content("/data/topic-0/00000000000000000004.index").has_value());
  CHECK(rig.machine.disk().content("/data/topic-0/00000000000000000004.snapshot").has_value());
  rig.run(read_all_rolled);
  rig.run(read_all_rolled);
}

io::Task<void> wait_for_a_record(TestNode& node) {
  co_await node.start(1, 0);
  std::vector<ReadPart> parts(1);
  parts[0].partition = test_partition();
  parts[0].max_bytes = 1 << 20;
  ReadOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(5);
  auto read = node.door().read(parts, options);
  CHECK_FALSE(read.is_ready());
  const Instant before = node.reactor().now();
  auto outcome = co_await node.append(one_record("wakes"));
  CHECK(outcome.error == ErrorCode::none);
  auto outcomes = co_await std::move(read);
  CHECK(values_in(outcomes.front()) == std::vector<std::string>{"wakes"});
  CHECK(node.reactor().now() - before < Duration::from_seconds(1));
  // And one that nothing wakes ends at its deadline.
  parts[0].offset = 1;
  options.deadline = node.reactor().now() + Duration::from_ms(500);
  auto late = co_await node.door().read(parts, options);
  CHECK(late.front().error == ErrorCode::none);
  CHECK(late.front().records.empty());
  CHECK(node.reactor().now() >= options.deadline);
}

TEST_CASE("a parked fetch is woken by the watermark or by its deadline") {
  Rig rig;
  rig.run(wait_for_a_record);
}

io::Task<void> retry_a_batch(TestNode& node) {
  co_await node.start(1, 0);
  std::vector<AppendPart> first;
  first.push_back({test_partition(), idempotent_batch("once", 0)});
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  auto original = node.door().append(std::move(first), options);
  std::vector<AppendPart> again;
  again.push_back({test_partition(), idempotent_batch("once", 0)});
  auto retry = node.door().append(std::move(again), options);
  // Admitted in the same turn, but not durable yet: neither may be acknowledged.
  CHECK_FALSE(original.is_ready());
  CHECK_FALSE(retry.is_ready());
  auto retried = co_await std::move(retry);
  CHECK(original.is_ready());
  CHECK(retried.front().error == ErrorCode::none);
  CHECK(retried.front().base_offset == 0);
  auto gap = co_await node.append(idempotent_batch("gap", 5));
  CHECK(gap.error == ErrorCode::out_of_order_sequence_number);
  auto read = co_await node.read(0);
  CHECK(values_in(read) == std::vector<std::string>{"once"});
}

TEST_CASE("a retry is acknowledged with the first offset and not before the original") {
  Rig rig;
  rig.run(retry_a_batch);
}

io::Task<void> retry_after_restart(TestNode& node) {
  co_await node.start(1, 1);
  auto retried = co_await node.append(idempotent_batch("once", 0));
  CHECK(retried.error == ErrorCode::none);
  CHECK(retried.base_offset == 0);
  auto next = co_await node.append(idempotent_batch("twice", 1));
  CHECK(next.base_offset == 1);
}

TEST_CASE("a retry after a crash is still recognised") {
  Rig rig;
  rig.run(retry_a_batch);
  rig.run(retry_after_restart);
}

io::Task<void> many_partitions(TestNode& node) {
  co_await node.start(8, 0);
  std::vector<AppendPart> parts;
  for (std::int32_t i = 0; i < 8; ++i) parts.push_back({test_partition(i), test_batch({"p" + std::to_string(i)})});
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  auto outcomes = co_await node.door().append(std::move(parts), options);
  CHECK(outcomes.size() == 8);
  for (const AppendOutcome& outcome : outcomes) CHECK(outcome.base_offset == 0);
  std::vector<ReadPart> reads(8);
  for (std::int32_t i = 0; i < 8; ++i) {
    reads[static_cast<std::size_t>(i)].partition = test_partition(i);
    reads[static_cast<std::size_t>(i)].max_bytes = 1 << 20;
  }
  ReadOptions read_options;
  read_options.deadline = node.reactor().now();
  auto read = co_await node.door().read(reads, read_options);
  for (std::size_t i = 0; i < 8; ++i) CHECK(values_in(read[i]) == std::vector<std::string>{"p" + std::to_string(i)});

  // Only the first batch of the whole answer may be larger than its partition's limit, whichever core it is from.
  for (ReadPart& part : reads) part.max_bytes = 1;
  auto tight = co_await node.door().read(reads, read_options);
  CHECK(values_in(tight[0]) == std::vector<std::string>{"p0"});
  for (std::size_t i = 1; i < 8; ++i) CHECK(tight[i].records.empty());

  for (ReadPart& part : reads) {
    part.offset = 1;
    part.max_bytes = 1 << 20;
  }
  read_options.deadline = node.reactor().now() + Duration::from_seconds(10);
  auto parked = node.door().read(reads, read_options);
  auto one = co_await node.append(one_record("late"), Acks::all, 5);
  CHECK(one.base_offset == 1);
  auto woken = co_await std::move(parked);
  CHECK(values_in(woken[5]) == std::vector<std::string>{"late"});
  CHECK(woken[4].records.empty());
}

TEST_CASE("requests over several partitions work on one, two and four cores") {
  for (const std::uint32_t cores : {1u, 2u, 4u}) {
    Rig rig(cores);
    rig.run(many_partitions, cores);
  }
}

io::Task<void> no_space(TestNode& node) {
  co_await node.start(1, 0);
  auto first = co_await node.append(idempotent_batch("kept", 0));
  CHECK(first.error == ErrorCode::none);
  auto* reactor = static_cast<io::sim::SimReactor*>(&node.reactor());
  io::sim::Disk& disk = reactor->process().machine().disk();
  const std::uint64_t before = disk.conditions().capacity;
  disk.conditions().capacity = disk.used() + 100;
  auto refused = co_await node.append(idempotent_batch(std::string(9000, 'x'), 1));
  CHECK(refused.error == ErrorCode::kafka_storage_error);
  auto read = co_await node.read(0);
  CHECK(read.error == ErrorCode::none);
  CHECK(read.high_watermark == 1);
  CHECK(values_in(read) == std::vector<std::string>{"kept"});
  disk.conditions().capacity = before;
  co_await reactor->sleep_until(reactor->now() + Duration::from_ms(100));
  auto again = co_await node.append(idempotent_batch("fits", 1));
  CHECK(again.error == ErrorCode::none);
  CHECK(again.base_offset == 1);
  auto both = co_await node.read(0);
  CHECK(values_in(both) == std::vector<std::string>{"kept", "fits"});
}

TEST_CASE("without space appends are refused, reads go on, and later appends work again") {
  Rig rig;
  rig.run(no_space);
}

io::Task<void> failing_sync(TestNode& node) {
  co_await node.start(1, 0);
  auto first = co_await node.append(one_record("kept"));
  CHECK(first.error == ErrorCode::none);
  auto* reactor = static_cast<io::sim::SimReactor*>(&node.reactor());
  io::sim::Disk& disk = reactor->process().machine().disk();
  disk.conditions().sync_error_ppm = 1'000'000;
  auto refused = co_await node.append(one_record("doubt"));
  CHECK(refused.error == ErrorCode::kafka_storage_error);
  disk.conditions().sync_error_ppm = 0;
  auto again = co_await node.append(one_record("never"));
  CHECK(again.error == ErrorCode::kafka_storage_error);
  CHECK(node.host().take_offline().size() == 1);
}

TEST_CASE("a failed sync fences the log for good") {
  Rig rig;
  rig.run(failing_sync);
}

io::Task<void> times(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 5; ++i) {
    auto outcome = co_await node.append(one_record("v", 1000 + 10 * i));
    CHECK(outcome.error == ErrorCode::none);
  }
  auto at = co_await node.find(1015);
  CHECK(at.offset == 2);
  CHECK(at.timestamp == 1020);
  auto latest = co_await node.find(latest_timestamp);
  CHECK(latest.offset == 5);
  auto earliest = co_await node.find(earliest_timestamp);
  CHECK(earliest.offset == 0);
  auto largest = co_await node.find(max_timestamp);
  CHECK(largest.offset == 4);
  CHECK(largest.timestamp == 1040);
  auto none = co_await node.find(2000);
  CHECK(none.error == ErrorCode::none);
  CHECK(none.offset == -1);
}

TEST_CASE("offsets are found by time and by Kafka's special timestamps") {
  Rig rig;
  rig.run(times);
}

io::Task<void> bounds(TestNode& node) {
  co_await node.start(1, 3);
  auto outcome = co_await node.append(one_record(std::string(5000, 'x')));
  CHECK(outcome.error == ErrorCode::none);
  auto at_end = co_await node.read(1);
  CHECK(at_end.error == ErrorCode::none);
  CHECK(at_end.records.empty());
  auto beyond = co_await node.read(2);
  CHECK(beyond.error == ErrorCode::offset_out_of_range);
  auto below = co_await node.read(-1);
  CHECK(below.error == ErrorCode::offset_out_of_range);
  auto tiny = co_await node.read(0, 0, 1);
  CHECK(tiny.size() > 5000);
  auto unknown = co_await node.read(0, 7);
  CHECK(unknown.error == ErrorCode::unknown_topic_or_partition);

  std::vector<ReadPart> parts(1);
  parts[0].partition = test_partition();
  parts[0].current_leader_epoch = 2;
  ReadOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(9);
  auto old = co_await node.door().read(parts, options);
  CHECK(old.front().error == ErrorCode::fenced_leader_epoch);
  parts[0].current_leader_epoch = 4;
  auto future = co_await node.door().read(parts, options);
  CHECK(future.front().error == ErrorCode::unknown_leader_epoch);

  // Who holds no replica may not read as a follower, nor may the leader itself.
  parts[0].current_leader_epoch = no_epoch;
  for (const NodeId claimed : {0, 1, 2, 77}) {
    options.replica = claimed;
    auto foreign = co_await node.door().read(parts, options);
    CHECK(foreign.front().error == ErrorCode::not_leader_or_follower);
  }
}

TEST_CASE("reads outside the log and with foreign epochs get Kafka's errors") {
  Rig rig;
  rig.run(bounds);
}

Slice compressed_megabyte() {
  records::BatchOptions options;
  options.codec = records::Codec::zstd;
  return test_batch(std::vector<std::string>(1000, std::string(1000, 'z')), 1000, options);
}

io::Task<void> long_validation(TestNode& node) {
  co_await node.start(1, 0);
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  std::vector<io::Future<std::vector<AppendOutcome>>> calls;
  for (int i = 0; i < 4; ++i) {
    std::vector<AppendPart> parts;
    parts.push_back({test_partition(), i % 2 == 0 ? compressed_megabyte() : one_record("small")});
    calls.push_back(node.door().append(std::move(parts), options));
  }
  std::vector<Offset> offsets;
  for (auto& call : calls) {
    auto outcomes = co_await std::move(call);
    CHECK(outcomes.front().error == ErrorCode::none);
    offsets.push_back(outcomes.front().base_offset);
  }
  CHECK(offsets == std::vector<Offset>{0, 1000, 1001, 2001});
  CHECK(node.host().counters().partitions.validations_sliced == 2);
}

io::Task<void> append_what_is_no_batch(TestNode& node) {
  co_await node.start(1, 0);
  auto nothing = co_await node.append(Slice());
  CHECK(nothing.error == ErrorCode::invalid_record);
  CHECK(nothing.log_start_offset == no_offset);
  const Slice one = test_batch({"a"});
  std::vector<std::uint8_t> two(one.view().begin(), one.view().end());
  two.insert(two.end(), one.view().begin(), one.view().end());
  auto several = co_await node.append(Slice::copy_of(two));
  CHECK(several.error == ErrorCode::invalid_record);
  CHECK(several.log_start_offset == no_offset);
  records::BatchOptions control;
  control.control = true;
  Slice marker = test_batch({"a"}, 1000, control);
  auto refused_by_log = co_await node.append(std::move(marker));
  CHECK(refused_by_log.error == ErrorCode::invalid_record);
  CHECK(refused_by_log.log_start_offset == 0);
}

TEST_CASE("what is refused before it comes to the log does not hear where that starts") {
  Rig rig;
  rig.run(append_what_is_no_batch);
}

TEST_CASE("a long validation is sliced and later appends wait behind it") {
  Rig rig;
  rig.run(long_validation);
}

io::Task<void> remove_under_load(TestNode& node) {
  co_await node.start(2, 0);
  auto kept = co_await node.append(one_record("kept"), Acks::all, 1);
  CHECK(kept.error == ErrorCode::none);
  std::vector<ReadPart> parts(2);
  for (std::int32_t i = 0; i < 2; ++i) {
    parts[static_cast<std::size_t>(i)].partition = test_partition(i);
    parts[static_cast<std::size_t>(i)].offset = i;
    parts[static_cast<std::size_t>(i)].max_bytes = 1000;
  }
  ReadOptions read_options;
  read_options.deadline = node.reactor().now() + Duration::from_seconds(20);
  auto parked = node.door().read(parts, read_options);
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  std::vector<AppendPart> slow;
  slow.push_back({test_partition(), compressed_megabyte()});
  auto validating = node.door().append(std::move(slow), options);
  std::vector<AppendPart> behind;
  behind.push_back({test_partition(), one_record("behind")});
  auto waiting = node.door().append(std::move(behind), options);
  const Instant before = node.reactor().now();
  node.host_of(0).remove(test_partition(0));
  auto first = co_await std::move(validating);
  CHECK(first.front().error == ErrorCode::not_leader_or_follower);
  auto second = co_await std::move(waiting);
  CHECK(second.front().error == ErrorCode::not_leader_or_follower);
  auto read = co_await std::move(parked);
  CHECK(read[0].error != ErrorCode::none);
  CHECK(read[1].error == ErrorCode::none);
  CHECK(node.reactor().now() - before < Duration::from_seconds(1));
  (void)co_await node.host_of(0).settled();
  auto unknown = co_await node.append(one_record("late"));
  CHECK(unknown.error == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a removed partition answers everything that waits for it, and its directory goes after the delay") {
  Rig rig;
  TestNode& node = rig.start(remove_under_load);
  rig.world.run_for(Duration::from_seconds(5));
  REQUIRE(node.tasks.size() == 0);
  auto names = [&rig] {
    std::string all;
    for (const io::DirectoryEntry& entry : *rig.machine.disk().list("/data")) all += entry.name + " ";
    return all;
  };
  CHECK(names().find("-delete") != std::string::npos);
  CHECK(names().find("topic-0 ") == std::string::npos);
  rig.world.run_for(Duration::from_seconds(61));
  CHECK(names() == "topic-1 ");
}

io::Task<void> remove_one_and_stop(TestNode& node) {
  co_await node.start(2, 0);
  auto appended = co_await node.append(one_record("a"));
  CHECK(appended.error == ErrorCode::none);
  node.host_of(0).remove(test_partition(0));
  (void)co_await node.host_of(0).settled();
  co_await node.stop();
}

TEST_CASE("a clean stop leaves no directory of a removed partition, which nobody closed") {
  Rig rig;
  rig.run(remove_one_and_stop);
  for (const io::DirectoryEntry& entry : *rig.machine.disk().list("/data"))
    CHECK_FALSE(entry.name.ends_with("-delete"));
}

io::Task<void> only_one(TestNode& node) { co_await node.start(1, 0); }

TEST_CASE("a directory of no known partition is kept as a stray") {
  Rig rig;
  rig.run(many_partitions);
  rig.run(only_one);
  int strays = 0;
  for (const io::DirectoryEntry& entry : *rig.machine.disk().list("/data")) strays += entry.name.ends_with("-stray");
  CHECK(strays == 7);
}

io::Task<void> changes_to_fsync(TestNode& node) {
  co_await node.start(1, 0);
  auto first = co_await node.append(one_record("from the page cache"));
  CHECK(first.error == ErrorCode::none);
  configs::TopicSettings settings;
  node.host().configure(test_partition().topic_id, settings);
  auto second = co_await node.append(one_record("durable"));
  CHECK(second.error == ErrorCode::none);
  CHECK(node.host().find(test_partition())->store().durable_end() == 2);
}

TEST_CASE("a change to fsync durability holds for everything that comes after it") {
  configs::TopicSettings settings;
  settings.durability = configs::Durability::page_cache;
  Rig rig(1, settings);
  rig.run(changes_to_fsync);
}

}  // namespace
}  // namespace highwater::engine
