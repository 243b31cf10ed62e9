// A node of several directories: one of them is lost, one of their logs is damaged, or a crash has left a partition in
// two of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

constexpr const char* marker = "/.kafka_cleanshutdown";

io::Task<void> stop_without_one_directory(TestNode& node) {
  co_await node.open_directories();
  node.host().assign(test_assignment(test_partition(0)), {});
  node.host().assign(test_assignment(test_partition(1), other_directory_id), {});
  (void)co_await node.host().settled();
  for (std::int32_t i = 0; i < 2; ++i) (void)co_await node.append(one_record("x"), Acks::all, i);
  node.host().fail_directory(1, "a test");
  node.directories().set_offline(1);
  co_await node.stop();
}

TEST_CASE("a clean stop marks the directories that are online") {
  Rig rig;
  rig.run(stop_without_one_directory);
  CHECK(rig.machine.disk().content(std::string("/data") + marker).has_value());
  CHECK_FALSE(rig.machine.disk().content(std::string(other_directory) + marker).has_value());
}

// -- a log that is damaged --------------------------------------------------------------------------------------------

constexpr const char* damaged_log = "/data/topic-0/00000000000000000000.log";
constexpr const char* recovery_points = "/data/recovery-point-offset-checkpoint";

io::Task<void> write_two_and_stop(TestNode& node) {
  co_await node.start(2, 0);
  for (std::int32_t i = 0; i < 2; ++i) (void)co_await node.append(one_record("x"), Acks::all, i);
  co_await node.stop();
}

io::Task<void> serve_the_other(TestNode& node) {
  co_await node.start(2, 0);
  const AppendOutcome refused = co_await node.append(one_record("y"));
  CHECK(refused.error == ErrorCode::kafka_storage_error);
  const AppendOutcome taken = co_await node.append(one_record("y"), Acks::all, 1);
  CHECK(taken.error == ErrorCode::none);
  CHECK(node.host().take_offline().empty());
  co_await node.stop();
}

TEST_CASE("a damaged log is offline alone, and no clean stop hides it from the next start") {
  Rig rig;
  rig.run(write_two_and_stop);
  io::sim::Disk& disk = rig.machine.disk();
  REQUIRE(disk.remove(std::string("/data") + marker).has_value());
  REQUIRE(disk.flip_bit(damaged_log, 65, 3));
  const auto content = disk.content(damaged_log);
  for (int starts = 0; starts < 2; ++starts) {
    rig.run(serve_the_other);
    CHECK(disk.content(damaged_log) == content);
    CHECK_FALSE(disk.content(std::string("/data") + marker).has_value());
    CHECK(disk.content(recovery_points)->find("topic 0 1\n") != std::string::npos);
  }
}

// -- a partition that is in both --------------------------------------------------------------------------------------

// Of a move that was cut short: equal, or one was written to since.
struct Halves {
  int later_records = 0;
  bool copy_is_first = false;  // in the directory that is listed first
  Uuid assigned;
};
Halves halves;

io::Task<void> leave_two(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 5; ++i) (void)co_await node.append(one_record("early"));
  (void)co_await copy_directory(node, "/data/topic-0", "/other/saved");
  for (int i = 0; i < halves.later_records; ++i) (void)co_await node.append(one_record("late"));
}

io::Task<void> give_them_one_name(TestNode& node) {
  io::FileSystem& files = node.reactor().files();
  if (halves.copy_is_first) {
    (void)co_await files.rename("/data/topic-0", "/other/topic-0");
    (void)co_await files.rename("/other/saved", "/data/topic-0");
  } else {
    (void)co_await files.rename("/other/saved", "/other/topic-0");
  }
}

io::Task<void> look_at_two(TestNode& node) {
  co_await node.open_directories();
  node.host().assign(test_assignment(test_partition(), halves.assigned), {});
  node.host().retire_strays();
  (void)co_await node.host().settled();
  const ReadOutcome read = co_await node.read(0);
  CHECK(read.error == ErrorCode::none);
  CHECK(values_in(read).size() == 5u + static_cast<std::size_t>(halves.later_records));
  const std::size_t directory = node.host().find(test_partition())->identity().directory;
  if (halves.later_records == 0) {
    CHECK(directory == (halves.assigned == other_directory_id ? 1 : 0));
  } else {
    CHECK(directory == (halves.copy_is_first ? 1 : 0));
  }
  // Nothing is lost, and Apache Kafka would start.
  std::size_t logs = 0;
  std::size_t strays = 0;
  for (const char* root : {"/data", other_directory}) {
    const auto listed = co_await node.reactor().files().list(root);
    REQUIRE(listed.has_value());
    for (const io::DirectoryEntry& entry : *listed) {
      logs += entry.name == "topic-0" ? 1u : 0u;
      strays += entry.name.ends_with("-stray") ? 1u : 0u;
    }
  }
  CHECK(logs == 1);
  CHECK(strays == 1);
}

TEST_CASE("of two directories of one partition the one that was written to is served, the other set aside") {
  for (const int later : {0, 1, 7}) {
    for (const bool copy_is_first : {false, true}) {
      for (const Uuid& assigned : {test_directory_id, other_directory_id}) {
        CAPTURE(later);
        CAPTURE(copy_is_first);
        halves = {later, copy_is_first, assigned};
        Rig rig;
        rig.run(leave_two);
        rig.run(give_them_one_name);
        rig.run(look_at_two);
      }
    }
  }
}

}  // namespace
}  // namespace highwater::engine
