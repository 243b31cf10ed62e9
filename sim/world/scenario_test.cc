#include "world/scenario.h"

#include <doctest/doctest.h>

namespace highwater::sim {

TEST_CASE("a scenario is read as it stands") {
  const auto scenario = parse_scenario("s",
                                       "# a comment\n"
                                       "seconds 20..30\n"
                                       "durability page-cache\n"
                                       "pause 1ms..2s\n"
                                       "fault kill every 1s..2s for 5ms..6ms\n"
                                       "fault clock every 1s amount -5..5   # and another\n"
                                       "check acked order\n");
  REQUIRE(scenario.has_value());
  CHECK(scenario->seconds.high == 30);
  CHECK(scenario->durability == "page-cache");
  CHECK(scenario->pause_us.high == 2'000'000);
  REQUIRE(scenario->faults.size() == 2);
  CHECK(scenario->faults[0].for_us.low == 5'000);
  CHECK(scenario->faults[1].kind == FaultKind::clock);
  CHECK(scenario->faults[1].amount.low == -5);
  CHECK(scenario->checks(Checker::order));
  CHECK_FALSE(scenario->checks(Checker::dense));
}

TEST_CASE("a scenario that is written down is read as the same one") {
  const auto scenario = parse_scenario("s",
                                       "seconds 20..30\ncodecs none\nlog_dirs 2\npause 1ms\n"
                                       "setting some.key 1..5\n"
                                       "fault kill every 1s..2s for 5ms..6ms off\n"
                                       "fault clock every 1s amount -5..5\n"
                                       "check acked order\n");
  REQUIRE(scenario.has_value());
  CHECK(scenario->faults[0].off);
  CHECK_FALSE(scenario->faults[1].off);
  const std::string text = scenario_text(*scenario);
  const auto again = parse_scenario("s", text);
  REQUIRE(again.has_value());
  CHECK(scenario_text(*again) == text);
  CHECK(again->pause_us.high == 1'000);
  CHECK(again->settings.size() == 1);
}

TEST_CASE("what is not understood is named by its line") {
  for (const char* text : {"\nsecond 20", "\nseconds 30..20", "\nfault kill", "\nfault kill every 0s", "\ncheck all",
                           "\nseconds 20 30", "\nfault kil every 1s", "\nfault kill every 1s for"}) {
    const auto scenario = parse_scenario("s", text);
    REQUIRE_FALSE(scenario.has_value());
    CHECK(scenario.error().text.find("line 2") != std::string::npos);
  }
}

}  // namespace highwater::sim
