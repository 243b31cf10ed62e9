// The level of every logger of one node, by name. A logger without a level of its own has that of the nearest name
// above it ("kafka.server" stands above "kafka.server.BrokerServer"), at last that of the root. Loggers ask on every
// line and hold a cell; changes (KIP-412) are rare. One per node, shared by its cores.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/base/log.h"

namespace highwater {

// As Kafka writes them: "INFO".
std::string_view log_level_name(LogLevel level);
std::optional<LogLevel> log_level(std::string_view name);

class LogLevels {
 public:
  static constexpr std::string_view root = "root";

  explicit LogLevels(LogLevel level_of_root) : root_level_(level_of_root) {}
  LogLevels(const LogLevels&) = delete;
  LogLevels& operator=(const LogLevels&) = delete;

  // Where the level of that logger stands as long as this lives. The logger is known from then on.
  const std::atomic<LogLevel>& cell(std::string_view logger);

  bool knows(std::string_view logger) const;
  // Every known logger and the root, with the level that holds.
  std::map<std::string, LogLevel> all() const;
  void set(std::string_view logger, LogLevel level);
  // Back to the level of the name above.
  void reset(std::string_view logger);

 private:
  struct Entry {
    std::optional<LogLevel> own;
    std::atomic<LogLevel> holds;
  };

  LogLevel inherited(std::string_view logger) const;
  void settle();

  mutable std::mutex mutex_;
  LogLevel root_level_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace highwater
