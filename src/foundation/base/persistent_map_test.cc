#include "foundation/base/persistent_map.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "foundation/base/random.h"

namespace highwater {

namespace {

using Map = PersistentMap<std::string, int>;

std::vector<std::pair<std::string, int>> entries(const Map& map) {
  std::vector<std::pair<std::string, int>> all;
  for (const auto& entry : map) all.emplace_back(entry.first, entry.second);
  return all;
}

}  // namespace

TEST_CASE("a copy of a persistent map keeps what the original loses") {
  Map first;
  first.set("a", 1);
  first.set("b", 2);
  const Map copy = first;
  first.set("a", 10);
  first.erase("b");
  first.set("c", 3);
  CHECK(entries(copy) == std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 2}});
  CHECK(entries(first) == std::vector<std::pair<std::string, int>>{{"a", 10}, {"c", 3}});
}

TEST_CASE("a persistent map agrees with std::map under random edits, copies included") {
  Random random(7);
  Map map;
  std::map<std::string, int> model;
  std::vector<std::pair<Map, std::map<std::string, int>>> copies;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::to_string(random.below(500));
    if (random.below(3) == 0) {
      CHECK(map.erase(key) == (model.erase(key) == 1));
    } else {
      map.set(key, i);
      model[key] = i;
    }
    if (i % 1'000 == 0) copies.emplace_back(map, model);
  }
  copies.emplace_back(map, model);
  for (const auto& [copy, expected] : copies) {
    CHECK(copy.size() == expected.size());
    CHECK(entries(copy) == std::vector<std::pair<std::string, int>>(expected.begin(), expected.end()));
  }
}

TEST_CASE("a walk may start at the first key that is not less than a bound") {
  Map map;
  for (const char* key : {"a", "c", "e", "g"}) map.set(key, 0);
  auto at = map.lower_bound("d");
  REQUIRE(at != map.end());
  CHECK(at->first == "e");
  ++at;
  CHECK(at->first == "g");
  ++at;
  CHECK(at == map.end());
}

}  // namespace highwater
