// The log facade. A Logger is a name (Kafka's logger class), a context prefix and a sink that the node gives it;
// it formats on the spot and hands a finished line on. No global, no file, no clock here.
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace highwater {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, fatal };

struct LogLine {
  LogLevel level;
  std::string_view logger;   // as in "kafka.server.BrokerServer"
  std::string_view context;  // as in "[BrokerServer id=1] ", may be empty
  std::string_view text;
};

// Owned by the node (or the simulator); must outlive every Logger on it.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual LogLevel threshold() const = 0;
  // Where the level of that logger stands (log_levels.h); null when all have the threshold.
  virtual const std::atomic<LogLevel>* level_of(std::string_view /*logger*/) { return nullptr; }
  virtual void write(const LogLine& line) = 0;
};

class Logger {
 public:
  Logger(LogSink& sink, std::string name, std::string context = {})
      : sink_(&sink), level_(sink.level_of(name)), name_(std::move(name)), context_(std::move(context)) {}

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::debug, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::info, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::warn, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::error, format, fmt::make_format_args(args...));
  }

  // The same sink under another name and context.
  Logger named(std::string name, std::string context = {}) const {
    return {*sink_, std::move(name), std::move(context)};
  }

 private:
  void write(LogLevel level, fmt::string_view format, fmt::format_args args) const;

  LogSink* sink_;
  const std::atomic<LogLevel>* level_;
  std::string name_;
  std::string context_;
};

// For tests and tools that want silence.
LogSink& silent_log_sink();

}  // namespace highwater
