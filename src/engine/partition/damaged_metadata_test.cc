// A partition.metadata that does not say whose log it is: nothing is made in its place, and the logs beside it serve.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

constexpr const char* folder = "/data/topic-0";
constexpr const char* metadata = "/data/topic-0/partition.metadata";
constexpr const char* log_file = "/data/topic-0/00000000000000000000.log";
constexpr const char* marker = "/data/.kafka_cleanshutdown";
constexpr const char* recovery_points = "/data/recovery-point-offset-checkpoint";

io::Task<void> write_two_and_stop(TestNode& node) {
  co_await node.start(2, 0);
  for (std::int32_t i = 0; i < 2; ++i) (void)co_await node.append(one_record("x"), Acks::all, i);
  co_await node.stop();
}

std::string in_its_place;

io::Task<void> replace_metadata(TestNode& node) {
  Slice text = Slice::copy_of(as_bytes(in_its_place));
  const auto replaced = co_await node.reactor().files().replace_file(metadata, std::move(text));
  REQUIRE(replaced.has_value());
}

void put(Rig& rig, std::string text) {
  in_its_place = std::move(text);
  rig.run(replace_metadata);
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

io::Task<void> find_the_record(TestNode& node) {
  co_await node.start(2, 0);
  const ReadOutcome read = co_await node.read(0);
  CHECK(values_in(read) == std::vector<std::string>{"x"});
  co_await node.stop();
}

std::size_t folders_that_end_with(Rig& rig, std::string_view tail) {
  const auto listed = rig.machine.disk().list("/data");
  REQUIRE(listed.has_value());
  return static_cast<std::size_t>(
      std::ranges::count_if(*listed, [tail](const auto& entry) { return entry.name.ends_with(tail); }));
}

TEST_CASE("a log whose topic id cannot be read is offline alone, start after start, until its file is mended") {
  const std::string good = "version: 0\ntopic_id: " + test_partition().topic_id.to_text();
  const std::vector<std::string> malformed{"", "version: 0\ngarbage", "version: 0\ntopic_id: ???", "\xff\n",
                                           std::string(5000, 'x')};
  for (const std::string& text : malformed) {
    CAPTURE(text);
    Rig rig;
    rig.run(write_two_and_stop);
    put(rig, text);
    io::sim::Disk& disk = rig.machine.disk();
    const auto content = disk.content(log_file);
    for (int starts = 0; starts < 2; ++starts) {
      rig.run(serve_the_other);
      CHECK(disk.content(metadata) == text);
      CHECK(disk.content(log_file) == content);
      CHECK_FALSE(disk.content(marker).has_value());
      CHECK(disk.content(recovery_points)->find("topic 0 1\n") != std::string::npos);
    }
    CHECK(folders_that_end_with(rig, "-stray") == 0);
    put(rig, good);
    rig.run(find_the_record);
  }
}

io::Task<void> remove_the_topic(TestNode& node) {
  co_await node.start(1, 0);
  node.host().remove(test_partition());
  (void)co_await node.host().settled();
}

TEST_CASE("when its topic is deleted such a log goes as any other") {
  Rig rig;
  rig.run(write_two_and_stop);
  put(rig, "garbage");
  rig.run(remove_the_topic);
  CHECK_FALSE(rig.machine.disk().list(folder).has_value());
  CHECK(folders_that_end_with(rig, "-delete") == 1);
}

io::Task<void> know_no_topic(TestNode& node) { co_await node.start(0, 0); }

TEST_CASE("such a log of a name that no topic has is set aside with all it holds") {
  Rig rig;
  rig.run(write_two_and_stop);
  put(rig, "garbage");
  rig.run(know_no_topic);
  CHECK_FALSE(rig.machine.disk().list(folder).has_value());
  CHECK(folders_that_end_with(rig, "-stray") == 2);
}

// -- and an older one of it lies in another directory
// -------------------------------------------------------------------

constexpr const char* older_folder = "/other/topic-0";

io::Task<void> write_past_a_copy(TestNode& node) {
  co_await node.start(1, 0);
  (void)co_await node.append(one_record("x"));
  (void)co_await copy_directory(node, folder, "/other/saved");
  (void)co_await node.append(one_record("y"));
  co_await node.stop();
}

io::Task<void> name_the_copy(TestNode& node) {
  (void)co_await node.reactor().files().rename("/other/saved", older_folder);
}

io::Task<void> serve_neither(TestNode& node) {
  co_await node.start(1, 0);
  node.host().retire_strays();
  (void)co_await node.host().settled();
  const AppendOutcome refused = co_await node.append(one_record("z"));
  CHECK(refused.error == ErrorCode::kafka_storage_error);
  co_await node.stop();
}

io::Task<void> serve_the_newer(TestNode& node) {
  co_await node.start(1, 0);
  const ReadOutcome read = co_await node.read(0);
  CHECK(values_in(read) == std::vector<std::string>{"x", "y"});
}

TEST_CASE("beside a log whose topic id cannot be read no older one of its partition serves in its stead") {
  Rig rig;
  rig.run(write_past_a_copy);
  rig.run(name_the_copy);
  put(rig, "garbage");
  io::sim::Disk& disk = rig.machine.disk();
  for (int starts = 0; starts < 2; ++starts) {
    rig.run(serve_neither);
    CHECK(disk.list(folder).has_value());
    CHECK(disk.list(older_folder).has_value());
    for (const char* root : {"/data", other_directory})
      CHECK_FALSE(disk.content(std::string(root) + "/.kafka_cleanshutdown").has_value());
  }
  put(rig, "version: 0\ntopic_id: " + test_partition().topic_id.to_text());
  rig.run(serve_the_newer);
}

TEST_CASE("when its topic is deleted both go") {
  Rig rig;
  rig.run(write_past_a_copy);
  rig.run(name_the_copy);
  put(rig, "garbage");
  rig.run(remove_the_topic);
  CHECK_FALSE(rig.machine.disk().list(folder).has_value());
  CHECK_FALSE(rig.machine.disk().list(older_folder).has_value());
  CHECK(folders_that_end_with(rig, "-stray") == 0);
}

}  // namespace
}  // namespace highwater::engine
