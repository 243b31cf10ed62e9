// A log whose folder is gone, while the checkpoints beside it tell of its records.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/partition/directories_door.h"
#include "engine/partition/test_rig.h"
#include "engine/storage/file_names.h"

namespace highwater::engine {
namespace {

struct Lines final : LogSink {
  LogLevel threshold() const override { return LogLevel::warn; }
  void write(const LogLine& line) override { texts.emplace_back(line.text); }

  std::vector<std::string> texts;
};

io::Task<void> write_two_and_stop(TestNode& node) {
  co_await node.start(3, 0);
  for (std::int32_t i = 0; i < 2; ++i) (void)co_await node.append(one_record("x"), Acks::all, i);
  co_await node.stop();
}

enum class Start : std::uint8_t { under_way, over };
struct Asked {
  Start start = Start::under_way;
  std::vector<std::string> told;
};
Asked asked;

// What making these three, and one of another name, tells.
io::Task<void> make_them(TestNode& node) {
  Lines lines;
  Cores cores({&node.reactor()});
  Directories directories(node.reactor(), Logger(lines, "test"), {{"/data", test_directory_id}});
  const auto found = co_await directories.open();
  REQUIRE(found.has_value());
  if (asked.start == Start::over) directories.end_start();
  DirectoriesDoor door(cores, 0, directories);
  for (const char* topic : {"topic", "other"}) {
    for (std::int32_t index = 0; index < 3; ++index) {
      Directories::LogName name{0, topic, index};
      const auto forgotten = co_await door.forget(std::move(name));
      CHECK(forgotten.has_value());
    }
  }
  asked.told = std::move(lines.texts);
}

io::Task<void> lose_one(TestNode& node) { (void)co_await node.reactor().files().remove_tree("/data/topic-0"); }
io::Task<void> lose_one_without_records(TestNode& node) {
  (void)co_await node.reactor().files().remove_tree("/data/topic-2");
}
io::Task<void> set_one_aside(TestNode& node) {
  std::string path = "/data/" + retired_directory_name("topic", 0, Uuid::from_halves(1, 2), Retired::deleted);
  (void)co_await node.reactor().files().rename("/data/topic-0", std::move(path));
}

std::vector<std::string> told_after(Script script, Start start = Start::under_way) {
  Rig rig;
  rig.run(write_two_and_stop);
  rig.run(script);
  asked = {.start = start};
  rig.run(make_them);
  return asked.told;
}

TEST_CASE("a log with records whose folder is gone is told of when it is made anew") {
  CHECK(told_after(lose_one) ==
        std::vector<std::string>{"/data/topic-0 is gone, and the checkpoints beside it tell of records up to offset 1: "
                                 "the log is made anew, empty"});
}

TEST_CASE("a log that held nothing, one that was set aside, and one that is made later are new ones") {
  CHECK(told_after(lose_one_without_records).empty());
  CHECK(told_after(set_one_aside).empty());
  CHECK(told_after(lose_one, Start::over).empty());
}

}  // namespace
}  // namespace highwater::engine
