// One log line as text: Kafka's pattern `[%d] %p %m (%c)%n`, or one JSON object per line. Pure; the clock is an
// argument.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/base/log.h"

namespace highwater::node {

// A moment as the clock on the wall shows it.
struct LogTime {
  std::int32_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
  std::int32_t offset_minutes = 0;  // east of UTC
};

enum class LogFormat : std::uint8_t { kafka, json };

// With the line end. Line breaks inside the text stay in Kafka's pattern, as Kafka prints them.
void append_log_line(std::string& out, LogFormat format, const LogTime& time, const LogLine& line);

}  // namespace highwater::node
