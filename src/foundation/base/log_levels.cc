#include "foundation/base/log_levels.h"

#include <array>

namespace highwater {
namespace {

constexpr std::array<std::string_view, 6> names = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

}  // namespace

std::string_view log_level_name(LogLevel level) { return names[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> log_level(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<LogLevel>(i);
  return std::nullopt;
}

const std::atomic<LogLevel>& LogLevels::cell(std::string_view logger) {
  const std::lock_guard lock(mutex_);
  const auto [place, fresh] = entries_.try_emplace(std::string(logger));
  if (fresh) place->second.holds = inherited(logger);
  return place->second.holds;
}

bool LogLevels::knows(std::string_view logger) const {
  const std::lock_guard lock(mutex_);
  return logger == root || entries_.contains(logger);
}

std::map<std::string, LogLevel> LogLevels::all() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, LogLevel> levels;
  for (const auto& [name, entry] : entries_) levels.emplace(name, entry.holds);
  levels[std::string(root)] = root_level_;
  return levels;
}

void LogLevels::set(std::string_view logger, LogLevel level) {
  const std::lock_guard lock(mutex_);
  if (logger == root) {
    root_level_ = level;
  } else if (const auto found = entries_.find(logger); found != entries_.end()) {
    found->second.own = level;
  }
  settle();
}

void LogLevels::reset(std::string_view logger) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(logger); found != entries_.end()) found->second.own.reset();
  settle();
}

LogLevel LogLevels::inherited(std::string_view logger) const {
  for (std::size_t dot = logger.rfind('.'); dot != std::string_view::npos; dot = logger.rfind('.')) {
    logger = logger.substr(0, dot);
    const auto above = entries_.find(logger);
    if (above != entries_.end() && above->second.own) return *above->second.own;
  }
  return root_level_;
}

void LogLevels::settle() {
  for (auto& [name, entry] : entries_) entry.holds = entry.own.value_or(inherited(name));
}

}  // namespace highwater
