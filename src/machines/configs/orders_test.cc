// Which of several faults is told: what java_order.h and declared_order.h say, against what Java 17 and Kafka give.
#include <doctest/doctest.h>

#include <string>

#include "machines/configs/declared_order.h"
#include "machines/configs/java_order.h"

namespace highwater::configs {
namespace {

using Names = std::vector<std::string_view>;

// The key of a scope that is looked at last when all are given that Kafka declares too.
std::string last_of(Scope scope) {
  ConfigMap all;
  for (const ConfigKey& key : config_keys(scope)) all.emplace(key.name, "");
  all.erase("log.durability");
  return in_declared_order(scope, all).back()->first;
}

}  // namespace

TEST_CASE("keys stand as in java's hash map") {
  CHECK(java_order(Names{"share.isolation.level", "retention.hours"}) ==
        Names{"retention.hours", "share.isolation.level"});
  CHECK(java_order(Names{"key.0", "key.1", "key.2", "\u00fcn\u00efcode", "\U0001F600x", "key.10", "key.11"}) ==
        Names{"key.2", "key.1", "key.0", "key.11", "\U0001F600x", "key.10", "\u00fcn\u00efcode"});
  CHECK(validate_topic_configs({}, {{"message.format.version", "1"}, {"Cleanup.Policy", "1"}}).error().text ==
        "Unknown topic config name: message.format.version");
}

TEST_CASE("keys of one hash stand in the order in which they were put in") {
  CHECK(java_order(Names{"Aa", "BB", "x"}) == Names{"Aa", "BB", "x"});
  CHECK(java_order(Names{"BB", "Aa", "x"}) == Names{"BB", "Aa", "x"});
}

TEST_CASE("more than three keys for four places double the map, and keys stand otherwise then") {
  Names names = {"key.0", "key.1", "key.2", "key.3", "key.4", "key.5", "key.6", "key.7", "key.8", "key.9", "key.10"};
  names.push_back("key.11");
  Names held = {"key.2", "key.1", "key.0", "key.11", "key.10", "key.6", "key.5", "key.4", "key.3", "key.9", "key.8"};
  held.push_back("key.7");
  CHECK(java_order(names) == held);
  names.push_back("key.12");
  held.insert(held.begin(), "key.12");
  CHECK(java_order(names) == held);
}

TEST_CASE("every key of a topic, a group and client metrics has its place among the declared ones") {
  CHECK(last_of(Scope::topic) == "internal.segment.bytes");
  CHECK(last_of(Scope::group) == "streams.assignment.interval.ms");
  CHECK(last_of(Scope::client_metrics) == "match");
}

TEST_CASE("keys that kafka does not declare come last, by name") {
  const ConfigMap configs = {{"b", ""}, {"a", ""}, {"segment.ms", ""}, {"segment.bytes", ""}};
  Names names;
  for (const auto at : in_declared_order(Scope::topic, configs)) names.push_back(at->first);
  CHECK(names == Names{"segment.bytes", "segment.ms", "a", "b"});
}

}  // namespace highwater::configs
