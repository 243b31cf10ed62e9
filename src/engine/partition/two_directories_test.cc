// A node of several directories: one of them is lost, or a crash has left a partition in two of them.
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

}  // namespace
}  // namespace highwater::engine
