// What a move of a log between directories must not disturb: checkpoints, failing directories, older logs of its name.
#include <doctest/doctest.h>

#include <map>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

io::Task<void> fill(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 10; ++i) (void)co_await node.append(one_record(std::to_string(i)));
  std::vector<DeleteQuery> queries;
  queries.push_back({test_partition(), 3});
  (void)co_await node.door().delete_records(std::move(queries));
}

io::Task<void> move(TestNode& node, TopicPartition partition, std::size_t directory) {
  std::vector<MoveQuery> queries;
  queries.push_back({partition, directory});
  const auto answers = co_await node.door().move_logs(std::move(queries));
  CHECK(answers.front() == ErrorCode::none);
}

bool has_moved(TestNode& node, const TopicPartition& id) {
  const Partition* partition = node.host().find(id);
  return partition->online() && partition->leads() && partition->identity().directory == 1;
}

io::Task<void> ask_for_positions_meanwhile(TestNode& node) {
  co_await fill(node);
  co_await move(node, test_partition(), 1);
  for (int i = 0; i < 10'000 && !has_moved(node, test_partition()); ++i) {
    const std::vector<LogPosition> positions = node.host().positions();
    CHECK(!positions.empty());
    for (const LogPosition& position : positions) {
      CHECK(position.recovery_point == 10);
      CHECK(position.high_watermark == 10);
      CHECK(position.log_start == 3);
      CHECK(position.first_segment == 0);
    }
    co_await pause(node, Duration::from_us(20));
  }
  CHECK(has_moved(node, test_partition()));
}

TEST_CASE("a checkpoint forgets no log that moves") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Rig rig(seed);
    rig.run(ask_for_positions_meanwhile);
  }
}

bool is_named(TestNode& node, const char* path) { return disk_of(node).content(path).has_value(); }

io::Task<void> fail_target_meanwhile(TestNode& node) {
  co_await fill(node);
  co_await move(node, test_partition(), 1);
  for (int i = 0; i < 10'000 && !is_named(node, "/other/topic-0/00000000000000000000.log"); ++i)
    co_await pause(node, Duration::from_us(10));
  node.host().fail_directory(1, "a test");
  (void)co_await node.host().settled();
  CHECK_FALSE(has_moved(node, test_partition()));
}

TEST_CASE("a log that moves into a directory that fails is not served from there") {
  Rig rig;
  rig.run(fail_target_meanwhile);
}

TopicPartition made_anew() { return {Uuid::from_halves(0xABCD, 0x9999), 0}; }

io::Task<void> move_where_another_was(TestNode& node) {
  co_await node.open_directories();
  node.host().assign(test_assignment(test_partition(), other_directory_id), {});
  (void)co_await node.host().settled();
  for (int i = 0; i < 10; ++i) (void)co_await node.append(one_record(std::to_string(i)));
  auto written = co_await node.directories().checkpoint_recovery_points(node.host().positions());
  CHECK(written.has_value());
  node.host().remove(test_partition());
  (void)co_await node.host().settled();
  node.host().assign(test_assignment(made_anew(), test_directory_id), {});
  (void)co_await node.host().settled();
  co_await move(node, made_anew(), 1);
  for (int i = 0; i < 10'000 && !has_moved(node, made_anew()); ++i) co_await pause(node, Duration::from_us(50));
  CHECK(has_moved(node, made_anew()));
}

io::Task<void> look_at_what_was_found(TestNode& node) {
  co_await node.open_directories();
  const std::vector<LogPosition> positions = node.host().positions();
  REQUIRE(positions.size() == 1);
  CHECK(positions.front().recovery_point == 0);
}

TEST_CASE("a log that moves does not inherit where an older one of its name stood") {
  Rig rig;
  rig.run(move_where_another_was);
  rig.run(look_at_what_was_found);
}

Duration before_recreation;

// The new topic of that name is made in the directory that the old one's log moves to.
io::Task<void> recreate_while_moving(TestNode& node) {
  co_await fill(node);
  co_await move(node, test_partition(), 1);
  co_await pause(node, before_recreation);
  node.host().remove(test_partition());
  node.host().assign(test_assignment(made_anew(), other_directory_id), {});
  (void)co_await node.host().settled();
  std::vector<AppendPart> parts;
  parts.push_back({made_anew(), one_record("new")});
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  const auto outcomes = co_await node.door().append(std::move(parts), options);
  CHECK(outcomes.front().error == ErrorCode::none);
  CHECK(outcomes.front().base_offset == 0);
  std::vector<ReadPart> wanted(1);
  wanted[0].partition = made_anew();
  wanted[0].max_bytes = 1 << 20;
  const ReadOptions at_once;
  const auto read = co_await node.door().read(std::move(wanted), at_once);
  CHECK(values_in(read.front()) == std::vector<std::string>{"new"});
  co_await pause(node, Duration::from_seconds(1));
  for (const LogPosition& position : node.host().positions()) CHECK(position.log_start == 0);
}

TEST_CASE("a topic that is made anew where the old one's log moves to holds only what is new") {
  for (int i = 0; i < 400; ++i) {
    Rig rig(static_cast<std::uint64_t>(i));
    before_recreation = Duration::from_us(100 * i);
    rig.run(recreate_while_moving);
  }
}

io::Task<void> move_without_space(TestNode& node) {
  co_await fill(node);
  disk_of(node).conditions().capacity = disk_of(node).used() + 200;
  co_await move(node, test_partition(), 1);
  co_await pause(node, Duration::from_seconds(5));
  CHECK_FALSE(has_moved(node, test_partition()));
  CHECK(node.host().find(test_partition())->online());
  const auto left = co_await node.reactor().files().list(other_directory);
  REQUIRE(left.has_value());
  CHECK(left->size() == 0);
}

TEST_CASE("of a move for which there was no space nothing is left") {
  Rig rig;
  rig.run(move_without_space);
}

configs::TopicSettings small_segments() {
  configs::TopicSettings settings;
  settings.segment_bytes = 5000;
  return settings;
}

std::string value_of(int i) { return std::string(1000, 'x') + std::to_string(i); }

io::Future<std::vector<AppendOutcome>> begin_append(TestNode& node, int i) {
  std::vector<AppendPart> parts;
  parts.push_back({test_partition(), one_record(value_of(i))});
  AppendOptions options;
  options.deadline = node.reactor().now() + Duration::from_seconds(30);
  return node.door().append(std::move(parts), options);
}

Duration before_move;

// A segment that is closed in memory is not all in its file while the disk syncs what came before.
io::Task<void> move_while_appending(TestNode& node) {
  co_await node.start(1, 0);
  disk_of(node).conditions().sync_min = Duration::from_ms(20);
  disk_of(node).conditions().sync_max = Duration::from_ms(30);
  std::vector<io::Future<std::vector<AppendOutcome>>> calls;
  for (int i = 0; i < 10; ++i) {
    calls.push_back(begin_append(node, i));
    if (i == 1) co_await pause(node, Duration::from_us(500));
  }
  co_await pause(node, before_move);
  co_await move(node, test_partition(), 1);
  std::map<Offset, int> acknowledged;
  for (int i = 0; i < 10; ++i) {
    auto& call = calls[static_cast<std::size_t>(i)];
    const auto outcomes = co_await std::move(call);
    if (outcomes.front().error == ErrorCode::none) acknowledged[outcomes.front().base_offset] = i;
  }
  for (int i = 0; i < 10'000 && !has_moved(node, test_partition()); ++i) co_await pause(node, Duration::from_us(50));
  CHECK(has_moved(node, test_partition()));
  for (const auto& [offset, i] : acknowledged) {
    const ReadOutcome read = co_await node.read(offset, 0, 1);
    CHECK(values_in(read) == std::vector<std::string>{value_of(i)});
  }
}

TEST_CASE("a log that is written to while it moves keeps what it acknowledged") {
  configs::TopicSettings settings = small_segments();
  settings.durability = configs::Durability::fsync;
  for (int ms = 0; ms < 60; ms += 2) {
    Rig rig(static_cast<std::uint64_t>(ms), settings);
    before_move = Duration::from_ms(ms);
    rig.run(move_while_appending);
  }
}

io::Task<void> fail_while_opening(TestNode& node) {
  co_await node.open_directories();
  node.host().assign(test_assignment(test_partition(), test_directory_id), {});
  for (int i = 0; i < 10'000 && !is_named(node, "/data/topic-0/partition.metadata"); ++i)
    co_await pause(node, Duration::from_us(10));
  node.host().fail_directory(0, "a test");
  (void)co_await node.host().settled();
  Assignment again = test_assignment(test_partition(), test_directory_id);
  again.leader_epoch = 1;
  node.host().assign(std::move(again), {});
  CHECK((co_await node.append(one_record("x"))).error == ErrorCode::kafka_storage_error);
}

TEST_CASE("a log that opens in a directory that fails is never served") {
  Rig rig;
  rig.run(fail_while_opening);
}

}  // namespace
}  // namespace highwater::engine
