#include "node/log_pattern.h"

#include <doctest/doctest.h>

namespace highwater::node {
namespace {

constexpr LogTime moment{2026, 1, 31, 12, 0, 0, 123, 60};
const LogLine line{LogLevel::info, "kafka.server.BrokerServer", "[BrokerServer id=1] ", "say \"hi\""};

}  // namespace

TEST_CASE("a line is laid out as kafka lays it out") {
  std::string out;
  append_log_line(out, LogFormat::kafka, moment, line);
  CHECK(out == "[2026-01-31 12:00:00,123] INFO [BrokerServer id=1] say \"hi\" (kafka.server.BrokerServer)\n");
}

TEST_CASE("a line as json is one object on one line") {
  std::string out;
  append_log_line(out, LogFormat::json, moment, line);
  CHECK(out ==
        "{\"time\":\"2026-01-31T12:00:00.123+01:00\",\"level\":\"INFO\",\"logger\":\"kafka.server.BrokerServer\","
        "\"message\":\"[BrokerServer id=1] say \\\"hi\\\"\"}\n");
}

}  // namespace highwater::node
