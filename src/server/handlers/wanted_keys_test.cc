// The keys that DescribeConfigs is asked for, and what is left of a request without what it names twice.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "server/handlers/config_values.h"
#include "server/handlers/controller_call.h"

namespace highwater::server {

TEST_CASE("a hundred thousand wanted keys are taken in by parts") {
  std::optional<std::vector<wire::Text>> names(std::in_place);
  for (int i = 0; i < 100'000; ++i) names->emplace_back(std::to_string(i));
  WantedKeys wanted(names);
  int steps = 1;
  while (wanted.step()) ++steps;
  CHECK(steps == 25);
  CHECK(wanted("0"));
  CHECK(wanted("99999"));
  CHECK_FALSE(wanted("100000"));
}

TEST_CASE("no names and an empty list of names are all keys") {
  const std::optional<std::vector<wire::Text>> none;
  const std::optional<std::vector<wire::Text>> empty(std::in_place);
  for (const auto* names : {&none, &empty}) {
    WantedKeys wanted(*names);
    CHECK_FALSE(wanted.step());
    CHECK(wanted("x"));
  }
}

TEST_CASE("nothing is left of a request that names everything twice") {
  using Names = std::vector<std::string_view>;
  CHECK_FALSE(any_stands_once(Names{}));
  CHECK_FALSE(any_stands_once(Names{"a", "b", "a", "b", "b"}));
  CHECK(any_stands_once(Names{"b", "a", "a"}));
}

}  // namespace highwater::server
