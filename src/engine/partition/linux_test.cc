// The same on real files.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

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

io::Task<void> use_all(OpenFiles& pool, const io::TemporaryFolder& folder, int& opened) {
  std::vector<std::unique_ptr<PooledFile>> files;
  for (int i = 0; i < 50; ++i) {
    files.push_back(std::make_unique<PooledFile>(pool, folder / std::to_string(i)));
    auto use = co_await files.back()->use(io::OpenMode::create);
    if (use.has_value()) ++opened;
  }
}

TEST_CASE("without a descriptor an idle file of a log is closed for the next") {
  const io::TemporaryFolder folder;
  auto reactor = io::make_reactor();
  OpenFiles pool(reactor->files(), 1000);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(0);
  ::close(next);
  const rlimit few{static_cast<rlim_t>(next) + 20, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  int opened = 0;
  io::TaskGroup tasks(reactor->ready());
  tasks.spawn(use_all(pool, folder, opened));
  io::finish(*reactor, tasks);
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(opened == 50);
}

}  // namespace
}  // namespace highwater::engine
