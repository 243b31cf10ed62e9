// What a start makes of the copies that were left by moves that were cut short.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "engine/partition/test_rig.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"

namespace highwater::engine {
namespace {

constexpr const char* first_segment = "/00000000000000000000.log";
constexpr const char* log_folder = "/data/topic-0";

std::string copy_folder() {
  return join_path(other_directory, future_directory_name("topic", 0, Uuid::from_halves(7, 7)));
}

io::Task<void> write_five(TestNode& node) {
  co_await node.start(1, 0);
  for (int i = 0; i < 5; ++i) (void)co_await node.append(one_record("x"));
}

io::Task<void> leave_log_and_copy(TestNode& node) {
  co_await write_five(node);
  (void)co_await copy_directory(node, log_folder, copy_folder());
}

// The one folder of the log in that directory, under whatever name.
std::optional<std::string> folder_in(TestNode& node, const char* root) {
  const auto entries = disk_of(node).list(root);
  if (!entries.has_value()) return std::nullopt;
  std::optional<std::string> found;
  for (const io::DirectoryEntry& entry : *entries) {
    if (!entry.name.starts_with("topic-0")) continue;
    CHECK_FALSE(found.has_value());
    found = join_path(root, entry.name);
  }
  return found;
}

bool holds_bytes(TestNode& node, const std::string& folder) {
  const auto content = disk_of(node).content(folder + first_segment);
  return content.has_value() && !content->empty();
}

Uuid assigned;

io::Task<void> start_again(TestNode& node) {
  co_await node.open_directories();
  node.host().assign(test_assignment(test_partition(), assigned), {});
  node.host().retire_strays();
  (void)co_await node.host().settled();
}

// -- the log is there -------------------------------------------------------------------------------------------------

io::Task<void> expect_copy_to_go_later(TestNode& node) {
  co_await start_again(node);
  CHECK(node.host().find(test_partition())->identity().path == log_folder);
  CHECK(values_in(co_await node.read(0)).size() == 5);
  const auto copy = folder_in(node, other_directory);
  REQUIRE(copy.has_value());
  CHECK(is_deleted_directory(*copy));
  CHECK(holds_bytes(node, *copy));
  co_await pause(node, Duration::from_seconds(50));
  CHECK(holds_bytes(node, *copy));
  co_await pause(node, Duration::from_seconds(5));
}

io::Task<void> expect_copy_to_be_gone_in_time(TestNode& node) {
  co_await start_again(node);
  CHECK_FALSE(folder_in(node, other_directory).has_value());
}

TEST_CASE("the copy that a move left beside its log is set aside, and not removed before its delay has passed") {
  for (const Uuid& place : {test_directory_id, other_directory_id}) {
    assigned = place;
    Rig rig;
    rig.run(leave_log_and_copy);
    rig.run(expect_copy_to_go_later);
    rig.run(expect_copy_to_be_gone_in_time);  // as of any log that waits for its removal
  }
}

io::Task<void> damage_log(TestNode& node) {
  (void)co_await node.reactor().files().replace_file(join_path(log_folder, partition_metadata_name),
                                                     Slice::copy_of(as_bytes("nonsense")));
}

io::Task<void> expect_copy_to_stay(TestNode& node) {
  co_await start_again(node);
  CHECK_FALSE(node.host().find(test_partition())->online());
  CHECK(holds_bytes(node, copy_folder()));
}

TEST_CASE("the copy stays as it is while its log cannot be opened") {
  assigned = test_directory_id;
  Rig rig;
  rig.run(leave_log_and_copy);
  rig.run(damage_log);
  rig.run(expect_copy_to_stay);
}

// -- the copy is all there is -----------------------------------------------------------------------------------------

io::Task<void> leave_copy_alone(TestNode& node) {
  co_await write_five(node);
  (void)co_await node.reactor().files().rename(log_folder, copy_folder());
}

io::Task<void> expect_copy_to_serve(TestNode& node) {
  co_await start_again(node);
  CHECK(node.host().find(test_partition())->identity().path == std::string(other_directory) + "/topic-0");
  CHECK(values_in(co_await node.read(0)).size() == 5);
  CHECK_FALSE(folder_in(node, "/data").has_value());
}

TEST_CASE("a copy in the directory that the partition is assigned to takes the place of a log that is gone") {
  assigned = other_directory_id;
  Rig rig;
  rig.run(leave_copy_alone);
  rig.run(expect_copy_to_serve);
  rig.run(expect_copy_to_serve);
}

io::Task<void> expect_copy_to_be_kept(TestNode& node) {
  co_await start_again(node);
  CHECK(node.host().find(test_partition())->identity().path == log_folder);
  const auto copy = folder_in(node, other_directory);
  REQUIRE(copy.has_value());
  CHECK(copy->ends_with("-stray"));
  CHECK(holds_bytes(node, *copy));
}

TEST_CASE("a copy elsewhere, of a log that is gone, is kept") {
  assigned = test_directory_id;
  Rig rig;
  rig.run(leave_copy_alone);
  rig.run(expect_copy_to_be_kept);
}

// -- nobody's ---------------------------------------------------------------------------------------------------------

io::Task<void> expect_stray(TestNode& node) {
  co_await node.open_directories();
  node.host().retire_strays();
  (void)co_await node.host().settled();
  const auto copy = folder_in(node, other_directory);
  REQUIRE(copy.has_value());
  CHECK(copy->ends_with("-stray"));
  CHECK(holds_bytes(node, *copy));
}

TEST_CASE("a copy of a partition that is not of this broker is a stray, and kept") {
  Rig rig;
  rig.run(leave_copy_alone);
  rig.run(expect_stray);
}

io::Task<void> stop_before_metadata(TestNode& node) {
  co_await node.open_directories();
  for (const LogPosition& position : node.host().positions()) CHECK(position.directory == 0);
  co_await node.stop();
}

TEST_CASE("a copy counts neither for the checkpoints nor for the marker of a clean stop") {
  assigned = test_directory_id;
  Rig rig;
  rig.run(leave_log_and_copy);
  rig.run(stop_before_metadata);
  CHECK(rig.machine.disk().content(std::string(other_directory) + "/.kafka_cleanshutdown").has_value());
}

}  // namespace
}  // namespace highwater::engine
