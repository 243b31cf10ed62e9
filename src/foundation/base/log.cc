#include "foundation/base/log.h"

namespace highwater {
namespace {

class SilentLogSink final : public LogSink {
 public:
  LogLevel threshold() const override { return LogLevel::fatal; }
  void write(const LogLine&) override {}
};

}  // namespace

void Logger::write(LogLevel level, fmt::string_view format, fmt::format_args args) const {
  if (level < (level_ != nullptr ? level_->load(std::memory_order_relaxed) : sink_->threshold())) return;
  const std::string text = fmt::vformat(format, args);
  sink_->write({level, name_, context_, text});
}

LogSink& silent_log_sink() {
  static SilentLogSink sink;
  return sink;
}

}  // namespace highwater
