// Deleting records, describing logs and epochs, moving logs, directories that fail.
#include <doctest/doctest.h>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

Slice two_records(int i) { return test_batch({"a" + std::to_string(i), "b" + std::to_string(i)}); }

io::Task<DeleteAnswer> delete_before(TestNode& node, Offset before) {
  std::vector<DeleteQuery> queries;
  queries.push_back({test_partition(), before});
  auto answers = co_await node.door().delete_records(std::move(queries));
  co_return answers.front();
}

io::Task<void> append_and_delete(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 3; ++i) (void)co_await node.append(two_records(i));
  const DeleteAnswer deleted = co_await delete_before(node, 3);
  CHECK(deleted.error == ErrorCode::none);
  CHECK(deleted.log_start == 3);
  const DeleteAnswer lower = co_await delete_before(node, 1);
  CHECK(lower.error == ErrorCode::none);
  CHECK(lower.log_start == 3);
}

io::Task<void> look_from_three(TestNode& node) {
  co_await node.start(1, 1);
  const ReadOutcome below = co_await node.read(2);
  CHECK(below.error == ErrorCode::offset_out_of_range);
  const ReadOutcome rest = co_await node.read(3);
  CHECK(rest.error == ErrorCode::none);
  CHECK(rest.log_start_offset == 3);
  const OffsetAnswer earliest = co_await node.find(earliest_timestamp);
  CHECK(earliest.offset == 3);
  const OffsetAnswer by_time = co_await node.find(0);
  CHECK(by_time.offset == 3);
}

TEST_CASE("records that were deleted stay deleted after a kill") {
  Rig rig;
  rig.run(append_and_delete);
  rig.run(look_from_three);
}

TEST_CASE("records that were deleted stay deleted after a power cut") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rig rig(seed);
    TestNode& node = rig.start(append_and_delete);
    for (int i = 0; i < 600 && node.tasks.size() != 0; ++i) rig.world.run_for(Duration::from_ms(10));
    rig.machine.power_cut();
    rig.machine.boot();
    rig.run(look_from_three);
  }
}

io::Task<void> delete_what_is_not_there(TestNode& node) {
  co_await node.start(1, 0);
  (void)co_await node.append(two_records(0));
  CHECK((co_await delete_before(node, 3)).error == ErrorCode::offset_out_of_range);
  CHECK((co_await delete_before(node, -2)).error == ErrorCode::offset_out_of_range);
  const DeleteAnswer all = co_await delete_before(node, before_high_watermark);
  CHECK(all.error == ErrorCode::none);
  CHECK(all.log_start == 2);
  const AppendOutcome next = co_await node.append(two_records(1));
  CHECK(next.base_offset == 2);
}

TEST_CASE("only what is committed can be deleted, and offsets go on") {
  Rig rig;
  rig.run(delete_what_is_not_there);
}

io::Task<void> delete_from_compacted(TestNode& node) {
  co_await node.start(1, 0);
  CHECK((co_await delete_before(node, 0)).error == ErrorCode::policy_violation);
}

TEST_CASE("records of a topic that is only compacted cannot be deleted") {
  configs::TopicSettings settings;
  settings.cleanup_compact = true;
  settings.cleanup_delete = false;
  Rig rig(1, settings);
  rig.run(delete_from_compacted);
}

configs::TopicSettings small_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 5000;
  settings.index_interval_bytes = 1000;
  return settings;
}

std::string long_value(int i) { return std::string(1000, 'x') + std::to_string(i); }

io::Task<void> append_forty(TestNode& node) {
  for (int i = 0; i < 40; ++i) (void)co_await node.append(one_record(long_value(i)));
}

io::Task<void> delete_segments(TestNode& node) {
  co_await node.start(1, 0);
  co_await append_forty(node);
  (void)co_await delete_before(node, 21);
  CHECK(node.host().find(test_partition())->store().first_segment_base() == 0);
  co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_seconds(31));
  CHECK(node.host().find(test_partition())->store().first_segment_base() == 20);
  const ReadOutcome read = co_await node.read(21, 0, 1);
  CHECK(values_in(read) == std::vector<std::string>{long_value(21)});
  const AppendOutcome next = co_await node.append(one_record("next"));
  CHECK(next.base_offset == 40);
  co_await node.stop();
}

io::Task<void> look_from_twenty_one(TestNode& node) {
  co_await node.start(1, 1);
  CHECK((co_await node.read(20)).error == ErrorCode::offset_out_of_range);
  const ReadOutcome read = co_await node.read(21, 0, 1);
  CHECK(values_in(read) == std::vector<std::string>{long_value(21)});
}

TEST_CASE("segments below the start of a log go with the retention check") {
  Rig rig(3, small_segments());
  rig.run(delete_segments);
  CHECK_FALSE(rig.machine.disk().content("/data/topic-0/00000000000000000000.log").has_value());
  CHECK(rig.machine.disk().content("/data/topic-0/00000000000000000020.log").has_value());
  rig.run(look_from_twenty_one);
}

io::Task<void> append_while_segments_go(TestNode& node) {
  co_await node.start(1, 0);
  int next = 0;
  for (int round = 0; round < 30; ++round) {
    std::vector<io::Future<std::vector<AppendOutcome>>> calls;
    for (int i = 0; i < 20; ++i) {
      std::vector<AppendPart> parts;
      parts.push_back({test_partition(), one_record(long_value(next++))});
      calls.push_back(node.door().append(std::move(parts), AppendOptions{}));
    }
    (void)co_await delete_before(node, before_high_watermark);
    co_await node.host().find(test_partition())->store().remove_below_start();
    for (auto& call : calls) {
      auto outcomes = co_await std::move(call);
      CHECK(outcomes.front().error == ErrorCode::none);
    }
  }
  const Offset start = node.host().find(test_partition())->store().start();
  const ReadOutcome read = co_await node.read(start, 0, 1);
  CHECK(read.error == ErrorCode::none);
  CHECK(read.high_watermark == next);
}

TEST_CASE("appends go on while segments in front of them are removed") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Rig rig(seed, small_segments());
    rig.run(append_while_segments_go);
  }
}

io::Task<void> ask_for_epochs(TestNode& node) {
  co_await node.start(1, 3);
  (void)co_await node.append(two_records(0));
  std::vector<EpochQuery> queries;
  queries.push_back({test_partition(), no_epoch, 3});
  queries.push_back({test_partition(), no_epoch, 4});
  queries.push_back({test_partition(), 2, 3});
  queries.push_back({test_partition(), 4, 3});
  queries.push_back({test_partition(1), no_epoch, 3});
  const auto answers = co_await node.door().find_epoch_ends(std::move(queries));
  CHECK(answers[0].leader_epoch == 3);
  CHECK(answers[0].end_offset == 2);
  CHECK(answers[1].end_offset == no_offset);
  CHECK(answers[2].error == ErrorCode::fenced_leader_epoch);
  CHECK(answers[3].error == ErrorCode::unknown_leader_epoch);
  CHECK(answers[4].error == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("the end of an epoch is told, an unknown one is not") {
  Rig rig;
  rig.run(ask_for_epochs);
}

io::Task<void> describe(TestNode& node) {
  co_await node.start(1, 0);
  (void)co_await node.append(idempotent_batch("x", 0));
  std::vector<ProducersQuery> queries;
  queries.push_back({test_partition()});
  const auto producers = co_await node.door().describe_producers(std::move(queries));
  REQUIRE(producers.front().producers.size() == 1);
  CHECK(producers.front().producers.front().producer_id == 77);
  CHECK(producers.front().producers.front().last_sequence == 0);
  const auto directories = co_await node.door().describe_directories();
  REQUIRE(directories.size() == 2);
  CHECK(directories[0].path == "/data");
  REQUIRE(directories[0].logs.size() == 1);
  CHECK(directories[0].logs[0].size_bytes == idempotent_batch("x", 0).size());
  CHECK(directories[1].logs.empty());
}

TEST_CASE("producers and directories are described") {
  Rig rig;
  rig.run(describe);
}

constexpr ProducerId many = 2500;

struct TurnCount {
  bool ended = false;
  std::size_t turns = 0;
};

io::Task<void> count_turns(TestNode& node, TurnCount& count) {
  while (!count.ended) {
    ++count.turns;
    co_await node.reactor().sleep_until(node.reactor().now());
  }
}

io::Task<void> describe_many(TestNode& node) {
  co_await node.start(1, 0);
  std::vector<io::Future<std::vector<AppendOutcome>>> appends;
  for (ProducerId id = 1; id <= many; ++id) {
    std::vector<AppendPart> parts;
    parts.push_back({test_partition(), idempotent_batch("x", 0, 2 * id)});
    AppendOptions options;
    options.deadline = node.reactor().now() + Duration::from_seconds(30);
    appends.push_back(node.door().append(std::move(parts), options));
    if (appends.size() < 100) continue;
    for (auto& append : std::exchange(appends, {})) (void)co_await std::move(append);
  }
  std::vector<ProducersQuery> queries;
  queries.push_back({test_partition()});
  TurnCount count;
  node.tasks.spawn(count_turns(node, count));
  const auto producers = co_await node.door().describe_producers(std::move(queries));
  count.ended = true;
  REQUIRE(producers.front().producers.size() == many);
  for (std::size_t i = 0; i < many; ++i)
    CHECK(producers.front().producers[i].producer_id == 2 * static_cast<ProducerId>(i + 1));
  CHECK(count.turns >= 3);
  co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_ms(1));
}

TEST_CASE("many producers are described in slices") {
  Rig rig;
  rig.run(describe_many);
}

io::Task<void> move(TestNode& node) {
  std::vector<MoveQuery> queries;
  queries.push_back({test_partition(), 1});
  const auto answers = co_await node.door().move_logs(std::move(queries));
  CHECK(answers.front() == ErrorCode::none);
}

bool is_in(TestNode& node, std::size_t directory) {
  const Partition* partition = node.host().find(test_partition());
  return partition->online() && partition->leads() && partition->identity().directory == directory;
}

io::Task<void> move_and_append(TestNode& node) {
  co_await node.start(1, 0);
  co_await append_forty(node);
  (void)co_await delete_before(node, 2);
  co_await move(node);
  for (int i = 0; i < 1000 && !is_in(node, 1); ++i)
    co_await node.reactor().sleep_until(node.reactor().now() + Duration::from_ms(10));
  REQUIRE(is_in(node, 1));
  const AppendOutcome next = co_await node.append(one_record(long_value(40)));
  CHECK(next.base_offset == 40);
  for (Offset from = 2; from <= 40; ++from) {
    const ReadOutcome read = co_await node.read(from, 0, 1);
    CHECK(values_in(read) == std::vector<std::string>{long_value(static_cast<int>(from))});
  }
  CHECK(node.host().take_misplaced().size() == 1);
}

io::Task<void> look_where_it_is(TestNode& node) {
  co_await node.start(1, 1);
  CHECK((co_await node.read(1)).error == ErrorCode::offset_out_of_range);
  for (Offset from = 2; from < 40; ++from) {
    const ReadOutcome read = co_await node.read(from, 0, 1);
    CHECK(values_in(read) == std::vector<std::string>{long_value(static_cast<int>(from))});
  }
}

TEST_CASE("a log moves to another directory with all its records, and stays there") {
  Rig rig(3, small_segments());
  rig.run(move_and_append);
  CHECK(rig.machine.disk().content("/other/topic-0/00000000000000000004.log").has_value());
  CHECK_FALSE(rig.machine.disk().content("/data/topic-0/00000000000000000004.log").has_value());
  rig.run(look_where_it_is);
}

TEST_CASE("a move that is cut short at any moment loses nothing") {
  for (int steps = 1; steps <= 60; ++steps) {
    Rig rig(static_cast<std::uint64_t>(steps), small_segments());
    TestNode& node = rig.start([](TestNode& started) -> io::Task<void> {
      co_await started.start(1, 0);
      co_await append_forty(started);
      (void)co_await delete_before(started, 2);
      started.moving = true;
      co_await move(started);
    });
    for (int i = 0; i < 60000 && !node.moving; ++i) rig.world.run_for(Duration::from_us(100));
    REQUIRE(node.moving);
    rig.world.run_for(Duration::from_us(400) * steps);
    rig.machine.power_cut();
    rig.machine.boot();
    rig.run(look_where_it_is);
  }
}

io::Task<void> fail_directory(TestNode& node) {
  co_await node.start(1, 0);
  (void)co_await node.append(two_records(0));
  node.host().fail_directory(0, "a test");
  CHECK((co_await node.append(two_records(1))).error == ErrorCode::kafka_storage_error);
  CHECK((co_await node.read(0)).error == ErrorCode::kafka_storage_error);
  CHECK((co_await delete_before(node, 0)).error == ErrorCode::kafka_storage_error);
  const auto directories = co_await node.door().describe_directories();
  CHECK(directories[0].error == ErrorCode::kafka_storage_error);
  CHECK(directories[1].error == ErrorCode::none);
}

TEST_CASE("every log of a directory that failed answers KAFKA_STORAGE_ERROR") {
  Rig rig;
  rig.run(fail_directory);
}

Slice compressible(int i, std::size_t size) {
  return test_batch({std::to_string(i) + ":" + std::string(size, static_cast<char>('a' + i % 26))});
}

// Large and small ones, all under way at once.
io::Task<void> append_to_gzip(TestNode& node) {
  co_await node.start(1, 0);
  std::vector<io::Future<std::vector<AppendOutcome>>> calls;
  for (int i = 0; i < 30; ++i) {
    std::vector<AppendPart> parts;
    parts.push_back({test_partition(), compressible(i, i % 3 == 0 ? 900'000 : 10)});
    calls.push_back(node.door().append(std::move(parts), AppendOptions{}));
  }
  for (int i = 0; i < 30; ++i) {
    auto outcomes = co_await std::move(calls[static_cast<std::size_t>(i)]);
    CHECK(outcomes.front().error == ErrorCode::none);
    CHECK(outcomes.front().base_offset == i);
  }
  CHECK(node.host().counters().partitions.batches_rewritten == 30);
  const ReadOutcome read = co_await node.read(0);
  CHECK(read.size() < 200'000);
  const std::vector<std::string> values = values_in(read);
  REQUIRE(values.size() == 30);
  for (int i = 0; i < 30; ++i) CHECK(values[static_cast<std::size_t>(i)].starts_with(std::to_string(i) + ":"));
}

TEST_CASE("batches that are compressed anew keep the order in which they came") {
  configs::TopicSettings settings;
  settings.compression_type = configs::CompressionChoice::gzip;
  Rig rig(1, settings);
  rig.run(append_to_gzip);
}

}  // namespace
}  // namespace highwater::engine
