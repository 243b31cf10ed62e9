#include "node/connection_feed.h"

#include <doctest/doctest.h>

namespace highwater::node {

TEST_CASE("limits of connections are read, and a listener without its own has those of the node") {
  std::vector<std::string> unknown;
  const configs::ConfigMap values = {
      {"max.connections", "100"},
      {"max.connection.creation.rate", "50"},
      {"max.connections.per.ip", "7"},
      {"max.connections.per.ip.overrides", "10.0.0.1:3, ::1:4,web.example:9,nonsense,10.0.0.2:x"},
      {"listener.name.inside.max.connections", "20"},
      {"listener.name.inside.max.connection.creation.rate", "5"},
  };
  const quota::ConnectionLimits limits = connection_limits(values, {"OUTSIDE", "INSIDE"}, unknown);
  CHECK(limits.connections == 100);
  CHECK(limits.new_per_second == 50);
  CHECK(limits.connections_per_address == 7);
  CHECK(limits.connections_of_address == quota::AddressLimits{{"10.0.0.1", 3}, {"::1", 4}});
  CHECK(unknown == std::vector<std::string>{"web.example"});
  REQUIRE(limits.listeners.size() == 2);
  CHECK(limits.listeners[0].connections == 100);
  CHECK(limits.listeners[0].new_per_second == 50);
  CHECK(limits.listeners[1].connections == 20);
  CHECK(limits.listeners[1].new_per_second == 5);
}

TEST_CASE("without settings nothing is limited") {
  std::vector<std::string> unknown;
  const quota::ConnectionLimits limits = connection_limits({}, {"PLAINTEXT"}, unknown);
  CHECK(limits.connections == quota::unlimited);
  CHECK(limits.connections_per_address == quota::unlimited);
  CHECK(limits.listeners[0].connections == quota::unlimited);
}

}  // namespace highwater::node
