#include "node/log_pattern.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace highwater::node {
namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "TRACE";
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    case LogLevel::error:
      return "ERROR";
    case LogLevel::fatal:
      return "FATAL";
  }
  return "?";
}

std::string iso_time(const LogTime& time) {
  const std::int32_t offset = time.offset_minutes < 0 ? -time.offset_minutes : time.offset_minutes;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}", time.year, time.month, time.day,
                     time.hour, time.minute, time.second, time.millisecond, time.offset_minutes < 0 ? '-' : '+',
                     offset / 60, offset % 60);
}

}  // namespace

void append_log_line(std::string& out, LogFormat format, const LogTime& time, const LogLine& line) {
  if (format == LogFormat::kafka) {
    fmt::format_to(std::back_inserter(out), "[{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}] {} {}{} ({})\n", time.year,
                   time.month, time.day, time.hour, time.minute, time.second, time.millisecond, level_name(line.level),
                   line.context, line.text, line.logger);
    return;
  }
  nlohmann::ordered_json object;
  object["time"] = iso_time(time);
  object["level"] = level_name(line.level);
  object["logger"] = line.logger;
  object["message"] = std::string(line.context) + std::string(line.text);
  out += object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  out += '\n';
}

}  // namespace highwater::node
