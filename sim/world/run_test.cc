#include "world/run.h"

#include <doctest/doctest.h>

namespace highwater::sim {
namespace {

Scenario three_clusters() {
  const auto scenario = parse_scenario("independent",
                                       "nodes 3\n"
                                       "clients 7\n"
                                       "seconds 10\n"
                                       "topics 1\n"
                                       "partitions 2\n"
                                       "check acked dense order duplicates refused metadata answered\n");
  REQUIRE(scenario.has_value());
  return *scenario;
}

}  // namespace

TEST_CASE("killing one of three clusters leaves the trace hashes of the others unchanged") {
  const Scenario scenario = three_clusters();
  const RunResult calm = run_seed(scenario, 11, {.only_kill = RunOptions::nobody});
  const RunResult killed = run_seed(scenario, 11, {.only_kill = 0});
  CHECK(calm.violations.empty());
  CHECK(killed.violations.empty());
  CHECK(calm.acknowledged > 1'000);
  REQUIRE(calm.node_hashes.size() == 3);
  REQUIRE(killed.node_hashes.size() == 3);
  CHECK(calm.node_hashes[0] != killed.node_hashes[0]);
  CHECK(calm.node_hashes[1] == killed.node_hashes[1]);
  CHECK(calm.node_hashes[2] == killed.node_hashes[2]);
}

TEST_CASE("one seed is one run, and another seed is another run") {
  Scenario scenario = three_clusters();
  scenario.nodes = {1, 1};
  const RunResult first = run_seed(scenario, 5, {});
  const RunResult again = run_seed(scenario, 5, {});
  const RunResult other = run_seed(scenario, 6, {});
  CHECK(first.trace_hash == again.trace_hash);
  CHECK(first.trace_hash != other.trace_hash);
}

}  // namespace highwater::sim
