#include "server/network/core_affinity.h"

#include <doctest/doctest.h>

namespace highwater::server {
namespace {

void note(CoreAffinity& affinity, std::optional<engine::CoreIndex> core, std::uint32_t times) {
  for (std::uint32_t i = 0; i < times; ++i) affinity.note(core);
}

}  // namespace

TEST_CASE("a connection is at home where its last requests went, and only after many of them") {
  CoreAffinity affinity;
  note(affinity, 1, CoreAffinity::first_need - 1);
  CHECK_FALSE(affinity.better_than(0).has_value());
  affinity.note(1);
  CHECK(affinity.better_than(0) == 1u);
  CHECK_FALSE(affinity.better_than(1).has_value());
}

TEST_CASE("requests that go to several cores keep a connection where it is") {
  CoreAffinity affinity;
  note(affinity, std::nullopt, 1000);
  CHECK_FALSE(affinity.better_than(0).has_value());
  for (int i = 0; i < 1000; ++i) {
    note(affinity, 1, 5);
    affinity.note(0);
  }
  CHECK_FALSE(affinity.better_than(0).has_value());
}

TEST_CASE("one stray request among very many does not matter") {
  CoreAffinity affinity;
  for (int i = 0; i < 10; ++i) {
    note(affinity, 1, 30);
    affinity.note(std::nullopt);
  }
  note(affinity, 1, 8);
  CHECK(affinity.better_than(0) == 1u);
}

TEST_CASE("a connection that changes its mind moves more and more rarely") {
  CoreAffinity affinity;
  std::uint32_t moves = 0;
  for (std::uint32_t round = 0; round < 1000; ++round) {
    const engine::CoreIndex away = round % 2;
    note(affinity, away, 100);
    if (affinity.better_than(1 - away)) {
      affinity.moved();
      ++moves;
    }
  }
  CHECK(moves == 1);
  note(affinity, 1, CoreAffinity::first_need * 8 + 100);
  CHECK(affinity.better_than(0) == 1u);
}

}  // namespace highwater::server
