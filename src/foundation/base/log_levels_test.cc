#include "foundation/base/log_levels.h"

#include <doctest/doctest.h>

namespace highwater {

TEST_CASE("a logger without a level of its own has that of the nearest name above") {
  LogLevels levels(LogLevel::info);
  const auto& broker = levels.cell("kafka.server.BrokerServer");
  const auto& raft = levels.cell("org.raft");
  CHECK(levels.cell("kafka.server") == LogLevel::info);
  levels.set("kafka.server", LogLevel::debug);
  CHECK(broker == LogLevel::debug);
  CHECK(raft == LogLevel::info);
  levels.set("root", LogLevel::error);
  CHECK(broker == LogLevel::debug);
  CHECK(raft == LogLevel::error);
  levels.set("kafka.server.BrokerServer", LogLevel::warn);
  levels.reset("kafka.server");
  CHECK(broker == LogLevel::warn);
  levels.reset("kafka.server.BrokerServer");
  CHECK(broker == LogLevel::error);
}

TEST_CASE("all loggers are told with the root, and nobody else is known") {
  LogLevels levels(LogLevel::warn);
  levels.cell("a.b");
  CHECK(levels.all() == std::map<std::string, LogLevel>{{"a.b", LogLevel::warn}, {"root", LogLevel::warn}});
  CHECK((levels.knows("root") && levels.knows("a.b")));
  CHECK_FALSE(levels.knows("a"));
  levels.set("a", LogLevel::trace);
  CHECK_FALSE(levels.knows("a"));
}

TEST_CASE("levels have kafka's names") {
  CHECK(log_level("FATAL") == LogLevel::fatal);
  CHECK(log_level_name(LogLevel::trace) == "TRACE");
  CHECK_FALSE(log_level("debug").has_value());
}

}  // namespace highwater
