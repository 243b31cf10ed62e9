// The same on real files.
#include <doctest/doctest.h>

#include "engine/partition/test_node.h"
#include "io/linux/test_support.h"

namespace highwater::engine {
namespace {

io::Task<void> fill(TestNode& node) {
  co_await node.start(2, 0);
  for (int i = 0; i < 300; ++i) {
    auto outcome = co_await node.append(one_record(std::string(1000, 'x') + std::to_string(i), 1000 + i));
    REQUIRE(outcome.error == ErrorCode::none);
    REQUIRE(outcome.base_offset == i);
  }
}

io::Task<void> fill_and_stop(TestNode& node) {
  co_await fill(node);
  co_await node.stop();
}

io::Task<void> compare(TestNode& node) {
  co_await node.start(2, 1);
  Offset at = 0;
  while (at < 300) {
    auto read = co_await node.read(at);
    REQUIRE(read.error == ErrorCode::none);
    const std::vector<std::string> values = values_in(read);
    REQUIRE_FALSE(values.empty());
    for (const std::string& value : values) REQUIRE(value == std::string(1000, 'x') + std::to_string(at++));
  }
  auto found = co_await node.find(1150);
  CHECK(found.offset == 150);
}

void run(const std::string& root, io::Task<void> (*script)(TestNode&), const configs::TopicSettings& settings) {
  auto reactor = io::make_reactor();
  TestNode node({reactor.get()}, root, settings);
  node.tasks.spawn(script(node));
  io::finish(*reactor, node.tasks);
}

configs::TopicSettings several_segments(configs::Durability durability) {
  configs::TopicSettings settings;
  settings.segment_bytes = 100'000;
  settings.durability = durability;
  return settings;
}

TEST_CASE("real files hold the log over a crash and over a clean stop, in both durabilities") {
  for (const auto durability : {configs::Durability::fsync, configs::Durability::page_cache}) {
    const configs::TopicSettings settings = several_segments(durability);
    const io::TemporaryFolder crashed;
    run(crashed / "data", fill, settings);
    run(crashed / "data", compare, settings);
    const io::TemporaryFolder stopped;
    run(stopped / "data", fill_and_stop, settings);
    run(stopped / "data", compare, settings);
  }
}

}  // namespace
}  // namespace highwater::engine
