#include "machines/quota/connection_quotas.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace highwater::quota {
namespace {

constexpr std::uint32_t clients = 0;
constexpr std::uint32_t brokers = 1;

struct Stage {
  explicit Stage(ConnectionLimits limits, std::uint32_t cores = 1)
      : quotas({Protection::closable, Protection::is_protected}, cores) {
    quotas.on_limits(std::move(limits), now);
  }
  // What is decided because this one came; its own decision when nobody waits before it.
  std::vector<Decision> arrive(std::uint32_t listener, std::string address = "1.1.1.1", std::uint32_t core = 0) {
    quotas.on_arrival({++tickets, core, listener, std::move(address)}, now);
    return quotas.take_output().decisions;
  }
  bool admits(std::uint32_t listener, const std::string& address = "1.1.1.1", std::uint32_t core = 0) {
    const auto decisions = arrive(listener, address, core);
    return decisions.size() == 1 && decisions[0].verdict == Verdict::admitted;
  }
  std::vector<Decision> leave(std::uint32_t listener, const std::string& address = "1.1.1.1", std::uint32_t core = 0) {
    quotas.on_departure({core, listener, address}, now);
    return quotas.take_output().decisions;
  }
  std::vector<Decision> wait(Duration time) {
    now = now + time;
    quotas.tick(now);
    return quotas.take_output().decisions;
  }

  Instant now{1'000'000'000'000};
  std::uint64_t tickets = 0;
  ConnectionQuotas quotas;
};

ConnectionLimits at_most(std::int32_t connections) {
  ConnectionLimits limits;
  limits.connections = connections;
  return limits;
}

}  // namespace

TEST_CASE("a connection above the limit waits until another one goes") {
  Stage stage(at_most(2));
  CHECK(stage.admits(clients));
  CHECK(stage.admits(clients));
  CHECK(stage.arrive(clients).empty());
  CHECK(stage.quotas.waiting() == 1);
  CHECK(stage.quotas.next_deadline() == Instant::never());
  const auto decisions = stage.leave(clients);
  REQUIRE(decisions.size() == 1);
  CHECK(decisions[0].ticket == 3);
  CHECK(stage.quotas.connections() == 2);
}

TEST_CASE("a listener has a limit of its own") {
  ConnectionLimits limits;
  limits.listeners = {{1, unlimited}, {}};
  Stage stage(limits);
  CHECK(stage.admits(clients));
  CHECK(stage.arrive(clients).empty());
  CHECK(stage.admits(brokers));
  CHECK(stage.admits(brokers));
}

TEST_CASE("a protected listener is admitted above the limit and another one's oldest connection is closed for it") {
  Stage stage(at_most(1), 2);
  CHECK(stage.admits(clients, "1.1.1.1", 1));
  stage.quotas.on_arrival({9, 0, brokers, "2.2.2.2"}, stage.now);
  const auto output = stage.quotas.take_output();
  CHECK(output.decisions.size() == 1);
  REQUIRE(output.close.size() == 1);
  CHECK(output.close[0].core == 1);
  CHECK(output.close[0].count == 1);
  // The order is given once.
  CHECK(stage.admits(brokers));
  CHECK(stage.quotas.take_output().close.empty());
}

TEST_CASE("a lowered limit closes what is too much, core by core") {
  Stage stage(at_most(100), 2);
  for (int i = 0; i < 3; ++i) CHECK(stage.admits(clients, "1.1.1.1", 0));
  for (int i = 0; i < 5; ++i) CHECK(stage.admits(clients, "1.1.1.1", 1));
  stage.quotas.on_limits(at_most(1), stage.now);
  auto output = stage.quotas.take_output();
  REQUIRE(output.close.size() == 1);
  CHECK(output.close[0].core == 1);
  CHECK(output.close[0].count == 5);
  for (int i = 0; i < 5; ++i) stage.leave(clients, "1.1.1.1", 1);
  stage.quotas.on_closed(stage.now);
  output = stage.quotas.take_output();
  REQUIRE(output.close.size() == 1);
  CHECK(output.close[0].core == 0);
  CHECK(output.close[0].count == 2);
}

TEST_CASE("an address has its limit, and some addresses another one") {
  ConnectionLimits limits;
  limits.connections_per_address = 1;
  limits.connections_of_address = {{"3.3.3.3", 2}, {"4.4.4.4", 0}};
  Stage stage(limits);
  CHECK(stage.admits(clients, "1.1.1.1"));
  const auto refused = stage.arrive(brokers, "1.1.1.1");
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].verdict == Verdict::too_many);
  CHECK(refused[0].limit == 1);
  CHECK(stage.admits(clients, "2.2.2.2"));
  CHECK(stage.admits(clients, "3.3.3.3"));
  CHECK(stage.admits(clients, "3.3.3.3"));
  CHECK_FALSE(stage.admits(clients, "3.3.3.3"));
  CHECK_FALSE(stage.admits(clients, "4.4.4.4"));
  CHECK(stage.quotas.connections() == 4);
  stage.leave(clients, "1.1.1.1");
  CHECK(stage.quotas.connections_from("1.1.1.1") == 0);
  CHECK(stage.admits(clients, "1.1.1.1"));
}

TEST_CASE("new connections above the rate are held back for a second at most and then admitted") {
  ConnectionLimits limits;
  limits.new_per_second = 10;
  Stage stage(limits);
  int at_once = 0;
  while (stage.admits(clients)) ++at_once;
  // Ten per second over a window of at least ten seconds.
  CHECK(at_once == 100);
  CHECK(stage.quotas.waiting() == 1);
  CHECK(stage.quotas.next_deadline() > stage.now);
  CHECK(stage.quotas.next_deadline() <= stage.now + Duration::from_seconds(1));
  CHECK(stage.admits(brokers));
  CHECK(stage.wait(Duration::from_seconds(1)).size() == 1);
}

TEST_CASE("an address above its rate is refused after a pause and counts in no rate") {
  ConnectionLimits limits;
  limits.new_per_second_of_address = {{"1.1.1.1", 1}};
  Stage stage(limits);
  for (int i = 0; i < 10; ++i) CHECK(stage.admits(clients));
  const auto refused = stage.arrive(clients);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].verdict == Verdict::too_fast);
  CHECK(refused[0].hold > Duration{});
  CHECK(stage.quotas.connections() == 10);
  CHECK(stage.admits(clients, "2.2.2.2"));
  stage.now = stage.now + Duration::from_seconds(12);
  CHECK(stage.admits(clients));
}

TEST_CASE("listeners that wait for the same places take turns") {
  ConnectionQuotas quotas({Protection::closable, Protection::closable}, 1);
  const Instant now{1};
  quotas.on_limits(at_most(1), now);
  quotas.on_arrival({1, 0, 0, "a"}, now);
  for (std::uint64_t ticket = 2; ticket < 6; ++ticket)
    quotas.on_arrival({ticket, 0, static_cast<std::uint32_t>(ticket % 2), "a"}, now);
  std::vector<std::uint32_t> served;
  for (int i = 0; i < 4; ++i) {
    quotas.take_output();
    quotas.on_departure({0, served.empty() ? 0 : served.back(), "a"}, now);
    const auto decisions = quotas.take_output().decisions;
    REQUIRE(decisions.size() == 1);
    served.push_back(static_cast<std::uint32_t>(decisions[0].ticket % 2));
  }
  CHECK(std::ranges::count(served, 0u) == 2);
  CHECK(served[0] != served[1]);
}

TEST_CASE("of connections that moved, those are closed that the busiest core has now") {
  Stage stage(at_most(2), 2);
  REQUIRE(stage.admits(clients, "1.1.1.1", 0));
  REQUIRE(stage.admits(clients, "1.1.1.1", 0));
  stage.quotas.on_move(0, 1, clients);
  stage.quotas.on_move(0, 1, clients);
  CHECK(stage.quotas.connections() == 2);
  stage.quotas.on_limits(at_most(1), stage.now);
  const auto output = stage.quotas.take_output();
  REQUIRE(output.close.size() == 1);
  CHECK(output.close[0].core == 1);
}

TEST_CASE("a rate is the sum over eleven seconds, and old events do not count") {
  SampledRate rate;
  Instant now{5'000'000'000};
  for (int second = 0; second < 11; ++second) {
    rate.record(100, now);
    now = now + Duration::from_seconds(1);
  }
  CHECK(rate.per_second(now) == doctest::Approx(100));
  CHECK(rate.above(100, now) == Duration{});
  CHECK(rate.above(50, now) == Duration::from_seconds(10));
  now = now + Duration::from_seconds(20);
  CHECK(rate.per_second(now) == doctest::Approx(0));
}

}  // namespace highwater::quota
