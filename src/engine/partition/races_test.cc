// What one request or one change does to another that is under way.
#include <doctest/doctest.h>

#include <string>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

using Appends = std::vector<io::Future<std::vector<AppendOutcome>>>;

io::Future<std::vector<AppendOutcome>> begin_append(TestNode& node, Slice records, TopicPartition partition) {
  std::vector<AppendPart> parts;
  parts.push_back({partition, std::move(records)});
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  return node.door().append(std::move(parts), options);
}

configs::TopicSettings tiny_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 1200;
  settings.index_interval_bytes = 500;
  return settings;
}

io::Task<void> roll_while_sealing(TestNode& node) {
  co_await node.start(1, 0);
  Appends appends;
  for (int i = 0; i < 200; ++i) {
    appends.push_back(begin_append(node, test_batch({std::string(500, 'x') + std::to_string(i)}), test_partition()));
    if (i % 3 == 0) co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(60));
  }
  for (Offset i = 0; i < 200; ++i) {
    auto outcomes = co_await std::move(appends[static_cast<std::size_t>(i)]);
    CHECK(outcomes.front().error == ErrorCode::none);
    CHECK(outcomes.front().base_offset == i);
  }
  for (Offset i = 0; i < 200; ++i) {
    auto read = co_await node.read(i, 0, 1);
    CHECK(values_in(read) == std::vector<std::string>{std::string(500, 'x') + std::to_string(i)});
  }
  co_await node.stop();
}

TEST_CASE("a log rolls while older segments of it are being sealed") {
  Rig rig(1, tiny_segments());
  rig.run(roll_while_sealing);
}

// More than are begun in one turn; the last one goes before its turn has come.
io::Task<void> open_many(TestNode& node) {
  constexpr std::int32_t many = 400;
  co_await node.open_directories();
  PartitionHost& host = node.host();
  for (std::int32_t i = 0; i < many; ++i) host.assign(test_assignment(test_partition(i)), {});
  for (std::int32_t i = 0; i < many; ++i) CHECK((host.find(test_partition(i)) != nullptr) == (i < 16));
  configs::TopicSettings later;
  later.segment_bytes = 4321;
  host.configure(test_partition().topic_id, later);
  host.remove(test_partition(many - 1));
  co_await host.settled();
  for (std::int32_t i = 0; i < many - 1; ++i) {
    const Partition* partition = host.find(test_partition(i));
    REQUIRE(partition != nullptr);
    CHECK(partition->online());
    CHECK(partition->store().settings().segment_bytes == 4321);
  }
  CHECK(host.find(test_partition(many - 1)) == nullptr);
  auto gone = co_await node.reactor().files().list("/data/topic-" + std::to_string(many - 1));
  CHECK_FALSE(gone.has_value());
}

TEST_CASE("of many logs the later ones are opened in later turns, and with what holds by then") {
  Rig rig;
  rig.run(open_many);
}

io::Task<void> run_out_of_space(TestNode& node) {
  co_await node.start(1, 0);
  io::sim::Disk& disk = disk_of(node);
  const std::uint64_t before = disk.conditions().capacity;
  for (std::uint64_t room = 0; room < 20'000; room += 900) {
    disk.conditions().capacity = disk.used() + room;
    Appends appends;
    for (int i = 0; i < 30; ++i)
      appends.push_back(begin_append(node, test_batch({std::string(400, 'x')}), test_partition()));
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_seconds(1));
    for (auto& append : appends) {
      REQUIRE(append.is_ready());
      auto outcomes = co_await std::move(append);
      const ErrorCode error = outcomes.front().error;
      CHECK((error == ErrorCode::none || error == ErrorCode::kafka_storage_error));
    }
    disk.conditions().capacity = before;
  }
}

TEST_CASE("when space ends within a group, each append of it is answered at once") {
  Rig rig(1, tiny_segments());
  rig.run(run_out_of_space);
  configs::TopicSettings settings = tiny_segments();
  settings.durability = configs::Durability::page_cache;
  Rig lazy(1, settings);
  lazy.run(run_out_of_space);
}

io::Task<void> remove_while_validating(TestNode& node) {
  co_await node.start(1, 0);
  records::BatchOptions options;
  options.codec = records::Codec::gzip;
  std::vector<std::string> values(20'000, std::string(100, 'v'));
  auto append = begin_append(node, test_batch(values, 1000, options), test_partition());
  CHECK_FALSE(append.is_ready());
  node.host().remove(test_partition());
  co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_seconds(1));
  REQUIRE(append.is_ready());
  auto outcomes = co_await std::move(append);
  CHECK(outcomes.front().error == ErrorCode::not_leader_or_follower);
  co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_seconds(40));
}

TEST_CASE("an append that is still being validated hears that its partition goes away") {
  Rig rig;
  rig.run(remove_while_validating);
}

io::Future<std::vector<ReadOutcome>> read_both(TestNode& node, std::size_t min_bytes) {
  std::vector<ReadPart> parts(2);
  parts[0].partition = test_partition(0);
  parts[0].offset = 1;
  parts[0].max_bytes = 1 << 20;
  parts[1].partition = test_partition(1);
  parts[1].max_bytes = 1 << 20;
  ReadOptions options;
  options.min_bytes = min_bytes;
  options.deadline = node.reactor().now() + Duration::from_seconds(5);
  return node.door().read(std::move(parts), options);
}

io::Task<void> append_to_both(TestNode& node) {
  co_await node.start(2, 0);
  for (std::int32_t i = 0; i < 2; ++i) {
    Slice batch = test_batch({std::string(500, 'x')});
    auto outcome = co_await node.append(std::move(batch), Acks::all, i);
    CHECK(outcome.error == ErrorCode::none);
  }
}

// Set per run: when the second thing happens.
Duration delay;

// `work` at every moment of a read of files.
void while_reading_files(io::Task<void> (*work)(TestNode&)) {
  for (std::int64_t us = 0; us < 3000; us += 50) {
    Rig rig;
    rig.machine.disk().conditions().cold_ppm = 1'000'000;
    rig.run(append_to_both);
    delay = Duration::from_us(us);
    rig.run(work);
  }
}

io::Task<void> append_while_reading_files(TestNode& node) {
  co_await node.start(2, 1);
  const Instant before = node.reactor().now();
  auto append = begin_append(node, test_batch({std::string(2000, 'y')}), test_partition(1));
  co_await node.reactor().sleep_until(node.reactor().now() + delay);
  auto read = read_both(node, 2000);
  auto outcomes = co_await std::move(read);
  CHECK(node.reactor().now() - before < Duration::from_seconds(1));
  CHECK(outcomes[1].size() > 2000);
  auto appended = co_await std::move(append);
  CHECK(appended.front().error == ErrorCode::none);
}

TEST_CASE("what is appended while a fetch reads files is not forgotten when it parks") {
  while_reading_files(append_while_reading_files);
}

io::Task<void> remove_while_reading_files(TestNode& node) {
  co_await node.start(2, 1);
  auto read = read_both(node, 2000);
  co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_ms(50));
  CHECK_FALSE(read.is_ready());
  auto append = begin_append(node, test_batch({std::string(2000, 'y')}), test_partition(1));
  co_await node.reactor().sleep_until(node.reactor().now() + delay);
  node.host().remove(test_partition(0));
  auto outcomes = co_await std::move(read);
  CHECK(outcomes[1].size() > 500);
  auto appended = co_await std::move(append);
  CHECK(appended.front().error == ErrorCode::none);
}

TEST_CASE("a partition goes away while a fetch that was parked on it reads another one's files") {
  while_reading_files(remove_while_reading_files);
}

io::Task<void> switch_durability(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 20; ++i) {
    auto append = begin_append(node, test_batch({"v" + std::to_string(i)}), test_partition());
    configs::TopicSettings settings;
    settings.durability = i % 2 == 0 ? configs::Durability::fsync : configs::Durability::page_cache;
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(20));
    node.host().configure(test_partition().topic_id, settings);
    auto outcomes = co_await std::move(append);
    CHECK(outcomes.front().error == ErrorCode::none);
  }
}

TEST_CASE("log.durability changes while appends are under way") {
  configs::TopicSettings settings;
  settings.durability = configs::Durability::page_cache;
  Rig rig(1, settings);
  rig.run(switch_durability);
}

io::Task<void> fetch_more_than_fits(TestNode& node) {
  co_await node.start(4, 0);
  for (std::int32_t i = 0; i < 4; ++i) {
    Slice batch = test_batch({std::string(600, 'x')});
    auto outcome = co_await node.append(std::move(batch), Acks::all, i);
    CHECK(outcome.error == ErrorCode::none);
  }
  std::vector<ReadPart> parts(4);
  for (std::int32_t i = 0; i < 4; ++i) {
    parts[static_cast<std::size_t>(i)].partition = test_partition(i);
    parts[static_cast<std::size_t>(i)].max_bytes = 1 << 20;
  }
  ReadOptions options;
  options.min_bytes = 1000;
  options.max_bytes = 1000;
  const Instant before = node.reactor().now();
  options.deadline = before + Duration::from_seconds(5);
  auto outcomes = co_await node.door().read(parts, options);
  CHECK(outcomes[0].size() > 600);
  CHECK(outcomes[1].size() == 0);
  CHECK(node.reactor().now() - before < Duration::from_seconds(1));

  // Too little although not everything fits: waits, and looks again only when there is news.
  for (ReadPart& part : parts) part.max_bytes = 10;
  options.deadline = node.reactor().now() + Duration::from_seconds(5);
  const std::uint64_t reads = node.host().counters().reads;
  auto late = co_await node.door().read(parts, options);
  CHECK(late[0].size() > 600);
  CHECK(node.host().counters().reads - reads < 10);
}

TEST_CASE("a fetch whose limits leave data behind neither waits for what is there nor spins") {
  for (const std::uint32_t cores : {1u, 2u, 4u}) {
    Rig rig;
    rig.run(fetch_more_than_fits, cores);
  }
}

io::Task<void> flood_without_acks(TestNode& node) {
  co_await node.start(1, 0);
  disk_of(node).conditions().slowness = 1000;
  bool held = false;
  for (int i = 0; i < 100 && !held; ++i) {
    std::vector<AppendPart> parts;
    parts.push_back({test_partition(), test_batch({std::string(200'000, 'x')})});
    AppendOptions options;
    options.acks = Acks::none;
    options.deadline = node.reactor().now() + Duration::from_seconds(30);
    auto append = node.door().append(std::move(parts), options);
    held = !append.is_ready();
    auto outcomes = co_await std::move(append);
    CHECK(outcomes.front().error == ErrorCode::none);
  }
  CHECK(held);
}

TEST_CASE("appends without acknowledgement wait once the disk is far behind") {
  Rig rig;
  rig.run(flood_without_acks);
}

io::Task<void> read_as_a_stranger(TestNode& node) {
  co_await node.start(1, 3);
  std::vector<ReadPart> parts(1);
  parts[0].partition = test_partition();
  ReadOptions options;
  options.replica = 5;
  options.deadline = node.reactor().now();
  auto without = co_await node.door().read(parts, options);
  CHECK(without.front().error == ErrorCode::not_leader_or_follower);
  parts[0].current_leader_epoch = 3;
  auto with = co_await node.door().read(parts, options);
  CHECK(with.front().error == ErrorCode::unknown_leader_epoch);
}

TEST_CASE("a replica that is not assigned may not fetch as one") {
  Rig rig;
  rig.run(read_as_a_stranger);
}

// The topic under its second id.
TopicPartition recreated() { return {Uuid::from_halves(0xABCD, 0x9999), 0}; }

void assign_recreated(TestNode& node) { node.host().assign(test_assignment(recreated()), {}); }

io::Task<void> append_to_recreated(TestNode& node) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    Slice batch = test_batch({"new"});
    auto outcomes = co_await begin_append(node, std::move(batch), recreated());
    if (outcomes.front().error == ErrorCode::not_leader_or_follower) {
      co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_ms(100));
      continue;
    }
    CHECK(outcomes.front().error == ErrorCode::none);
    CHECK(outcomes.front().base_offset == 0);
    co_return;
  }
  FAIL("the topic that was made anew never came");
}

io::Task<void> recreate_under_load(TestNode& node) {
  co_await node.start(1, 0);
  auto pending = begin_append(node, test_batch({"old"}), test_partition());
  co_await node.reactor().sleep_until(node.reactor().now() + delay);
  node.host().remove(test_partition());
  assign_recreated(node);
  co_await append_to_recreated(node);
  co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_seconds(5));
}

io::Task<void> recreate_at_start(TestNode& node) {
  co_await node.open_directories();
  assign_recreated(node);
  (void)co_await node.host().settled();
  node.host().retire_strays();
  (void)co_await node.host().settled();
  co_await append_to_recreated(node);
}

io::Task<void> read_recreated(TestNode& node) {
  co_await node.open_directories();
  assign_recreated(node);
  (void)co_await node.host().settled();
  std::vector<ReadPart> parts(1);
  parts[0].partition = recreated();
  parts[0].max_bytes = 1 << 20;
  ReadOptions options;
  options.deadline = node.reactor().now();
  auto outcomes = co_await node.door().read(std::move(parts), options);
  CHECK(outcomes.front().error == ErrorCode::none);
  CHECK(values_in(outcomes.front()) == std::vector<std::string>{"new"});
}

TEST_CASE("a topic that is deleted and made anew under load holds only what is new, for ever") {
  for (std::int64_t us = 0; us < 3000; us += 150) {
    Rig rig;
    delay = Duration::from_us(us);
    rig.run(recreate_under_load);
    rig.run(read_recreated);
  }
}

TEST_CASE("a topic that was made anew while the node was down takes the folder of the stray") {
  Rig rig;
  rig.run(append_to_both);
  rig.run(recreate_at_start);
  rig.run(read_recreated);
}

io::Task<void> fill_and_stop(TestNode& node) {
  co_await append_to_both(node);
  co_await node.stop();
}

void check_positions(TestNode& node) {
  const std::vector<LogPosition> positions = node.host().positions();
  REQUIRE(positions.size() == 2);
  for (const LogPosition& position : positions) {
    CHECK(position.topic == "topic");
    CHECK(position.recovery_point == 1);
    CHECK(position.high_watermark == 1);
  }
}

io::Task<void> ask_for_positions_all_the_way(TestNode& node) {
  co_await node.open_directories();
  check_positions(node);
  node.host().assign(test_assignment(test_partition(0)), {});
  for (int i = 0; i < 100; ++i) {
    check_positions(node);
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(50));
  }
  disk_of(node).conditions().read_error_ppm = 1'000'000;
  node.host().assign(test_assignment(test_partition(1)), {});
  (void)co_await node.host().settled();
  CHECK(node.host().take_offline().size() == 1);
  check_positions(node);
  disk_of(node).conditions().read_error_ppm = 0;
  disk_of(node).conditions().sync_error_ppm = 1'000'000;
  auto append = begin_append(node, test_batch({"lost"}), test_partition(0));
  auto outcomes = co_await std::move(append);
  CHECK(outcomes.front().error == ErrorCode::kafka_storage_error);
  CHECK(node.host().take_offline().size() == 1);
  check_positions(node);
  disk_of(node).conditions().sync_error_ppm = 0;
  co_await node.host().stop();
  CHECK_FALSE(node.host().clean(0));
  check_positions(node);
}

TEST_CASE("a checkpoint forgets no log that is unasked for, opening, offline or closed") {
  Rig rig;
  rig.run(fill_and_stop);
  rig.run(ask_for_positions_all_the_way);
}

io::Task<void> ask_for_positions_of_recreated(TestNode& node) {
  co_await node.open_directories();
  assign_recreated(node);
  for (int i = 0; i < 200; ++i) {
    for (const LogPosition& position : node.host().positions())
      if (position.index == 0) CHECK((position.recovery_point == 0 || i == 0));
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_us(50));
  }
}

TEST_CASE("a topic that was made anew does not inherit where the old one stood") {
  Rig rig;
  rig.run(fill_and_stop);
  rig.run(ask_for_positions_of_recreated);
}

}  // namespace
}  // namespace highwater::engine
