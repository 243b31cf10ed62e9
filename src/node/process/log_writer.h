// Puts log lines on stdout from a thread of its own, so that no loop ever waits for a pipe or a terminal (rule L2).
// What does not fit into the bounded buffer is dropped and counted; the count is a line of its own as soon as there is
// room. Any thread may write. Destroying it writes what is left.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "foundation/base/log.h"
#include "node/log_pattern.h"

namespace highwater::node {

struct LogOptions {
  LogFormat format = LogFormat::kafka;
  LogLevel threshold = LogLevel::info;
  std::size_t buffer_limit = 4 << 20;  // bytes that wait for the writer
};

class LogWriter final : public LogSink {
 public:
  explicit LogWriter(LogOptions options);
  ~LogWriter() override;

  LogLevel threshold() const override { return options_.threshold; }
  void write(const LogLine& line) override;
  // Text for people, without the pattern, in its place among the lines.
  void write_plain(std::string_view text);
  // Returns when everything written so far has left, or failed to.
  void flush();

 private:
  struct Thread;

  void run();
  LogTime now();
  void append_dropped_line();

  const LogOptions options_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  std::int64_t time_second_ = -1;  // for which time_ was computed
  LogTime time_;
  bool writing_ = false;
  bool ending_ = false;
  std::unique_ptr<Thread> thread_;  // last: starts when all of the above is there
};

}  // namespace highwater::node
