// Where the lines of one node go: to the sink it was given, past the levels of its own loggers.
#pragma once

#include "foundation/base/log_levels.h"

namespace highwater::node {

class NodeLog final : public LogSink {
 public:
  // `below` outlives this; its threshold is the level of the root at first.
  explicit NodeLog(LogSink& below) : below_(below), levels_(below.threshold()) {}

  LogLevels& levels() { return levels_; }
  LogLevel threshold() const override { return below_.threshold(); }
  const std::atomic<LogLevel>* level_of(std::string_view logger) override { return &levels_.cell(logger); }
  void write(const LogLine& line) override { below_.write(line); }

 private:
  LogSink& below_;
  LogLevels levels_;
};

}  // namespace highwater::node
