// A partition that is removed while it is made or waits for that, and comes again: under another id on another core, or
// under its own.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "engine/partition/test_rig.h"

namespace highwater::engine {
namespace {

// The topic under its second id.
TopicPartition anew(std::int32_t index) { return {Uuid::from_halves(0xABCD, 0x9999), index}; }

struct Folders {
  std::size_t live = 0;
  std::size_t strays = 0;
};

Folders folders_of(TestNode& node) {
  const auto listed = disk_of(node).list("/data");
  REQUIRE(listed.has_value());
  Folders folders;
  for (const io::DirectoryEntry& entry : *listed) {
    if (entry.name.ends_with("-stray")) {
      ++folders.strays;
    } else if (entry.is_directory && !entry.name.ends_with("-delete")) {
      ++folders.live;
    }
  }
  return folders;
}

bool is_online(TestNode& node, CoreIndex core, const TopicPartition& id) {
  const Partition* partition = node.host(core).find(id);
  return partition != nullptr && partition->online();
}

// -- under another id, on another core --------------------------------------------------------------------------------

constexpr std::int32_t waiting = 200;

io::Task<void> make_last_anew_elsewhere(TestNode& node) {
  co_await node.open_directories();
  for (std::int32_t i = 0; i < waiting; ++i) node.host(0).assign(test_assignment(test_partition(i)), {});
  for (std::int32_t i = 0; i < waiting; ++i) node.host(0).remove(test_partition(i));
  node.host(1).assign(test_assignment(anew(waiting - 1)), {});
  (void)co_await node.host(1).settled();
  REQUIRE(is_online(node, 1, anew(waiting - 1)));
  (void)co_await node.host(0).settled();
  const Folders folders = folders_of(node);
  CHECK(folders.live == 1);
  CHECK(folders.strays == 0);
  CHECK(node.host(0).find(test_partition(waiting - 1)) == nullptr);
}

TEST_CASE("one that is removed before its turn leaves the folder of the one made anew on an idle core alone") {
  Rig rig;
  rig.run(make_last_anew_elsewhere, 2);
}

Duration gap;

io::Task<void> make_all_anew_elsewhere(TestNode& node) {
  co_await node.open_directories();
  for (std::int32_t i = 0; i < waiting; ++i)
    node.host(static_cast<CoreIndex>(i % 2)).assign(test_assignment(test_partition(i)), {});
  co_await pause(node, gap);
  for (std::int32_t i = 0; i < waiting; ++i) node.host(static_cast<CoreIndex>(i % 2)).remove(test_partition(i));
  co_await pause(node, gap);
  for (std::int32_t i = 0; i < waiting; ++i)
    node.host(static_cast<CoreIndex>((i + 1) % 2)).assign(test_assignment(anew(i)), {});
  for (CoreIndex core = 0; core < 2; ++core) (void)co_await node.host(core).settled();
  const Folders folders = folders_of(node);
  CHECK(folders.live == waiting);
  CHECK(folders.strays == 0);
  for (std::int32_t i = 0; i < waiting; ++i) REQUIRE(is_online(node, static_cast<CoreIndex>((i + 1) % 2), anew(i)));
}

TEST_CASE("topics that are made, deleted and made anew on other cores at once keep the folders of their last life") {
  for (const std::int64_t us : {0, 200, 1000, 5000, 20'000}) {
    CAPTURE(us);
    gap = Duration::from_us(us);
    Rig rig;
    rig.run(make_all_anew_elsewhere, 2);
  }
}

// -- under its own id -------------------------------------------------------------------------------------------------

io::Task<void> assign_while_it_goes(TestNode& node) {
  co_await node.start(1, 0);
  (void)co_await node.append(one_record("old"));
  node.host().remove(test_partition());
  if (gap != Duration{}) co_await pause(node, gap);
  node.host().assign(test_assignment(test_partition()), {});
  (void)co_await node.host().settled();
  REQUIRE(is_online(node, 0, test_partition()));
  const AppendOutcome outcome = co_await node.append(one_record("new"));
  CHECK(outcome.error == ErrorCode::none);
  CHECK(outcome.base_offset == 0);
  CHECK(folders_of(node).live == 1);
  CHECK(folders_of(node).strays == 0);
}

TEST_CASE("a partition that is assigned again while its log is removed is made anew when that has ended") {
  for (std::int64_t us = 0; us < 3000; us += 50) {
    gap = Duration::from_us(us);
    Rig rig;
    rig.run(assign_while_it_goes);
  }
}

io::Task<void> change_minds(TestNode& node) {
  co_await node.open_directories();
  for (std::int32_t i = 0; i < waiting; ++i) {
    node.host().assign(test_assignment(test_partition(i)), {});
    node.host().remove(test_partition(i));
    node.host().assign(test_assignment(test_partition(i)), {});
    if (i % 2 == 1) node.host().remove(test_partition(i));
  }
  (void)co_await node.host().settled();
  for (std::int32_t i = 0; i < waiting; ++i) {
    if (i % 2 == 0) {
      REQUIRE(is_online(node, 0, test_partition(i)));
    } else {
      REQUIRE(node.host().find(test_partition(i)) == nullptr);
    }
  }
  CHECK(folders_of(node).live == waiting / 2);
  CHECK(folders_of(node).strays == 0);
}

TEST_CASE("of what is asked for before its turn has come the last word counts") {
  Rig rig;
  rig.run(change_minds);
}

}  // namespace
}  // namespace highwater::engine
