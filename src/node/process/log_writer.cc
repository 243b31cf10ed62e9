#include "node/process/log_writer.h"

#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

namespace highwater::node {
namespace {

// A closed or broken stdout loses lines; it must not stop the node.
void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

struct LogWriter::Thread {
  std::thread thread;
};

LogWriter::LogWriter(LogOptions options) : options_(options), thread_(std::make_unique<Thread>()) {
  thread_->thread = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  filled_.notify_one();
  thread_->thread.join();
}

LogTime LogWriter::now() {
  timespec clock{};
  clock_gettime(CLOCK_REALTIME, &clock);
  if (clock.tv_sec != time_second_) {
    time_second_ = clock.tv_sec;
    tm local{};
    localtime_r(&clock.tv_sec, &local);
    time_ = {local.tm_year + 1900,
             local.tm_mon + 1,
             local.tm_mday,
             local.tm_hour,
             local.tm_min,
             local.tm_sec,
             0,
             static_cast<std::int32_t>(local.tm_gmtoff / 60)};
  }
  time_.millisecond = static_cast<std::int32_t>(clock.tv_nsec / 1'000'000);
  return time_;
}

void LogWriter::append_dropped_line() {
  if (dropped_ == 0) return;
  const std::string text = std::to_string(dropped_) + " log lines were dropped: stdout is read too slowly";
  append_log_line(waiting_, options_.format, now(), {LogLevel::warn, "highwater.log", "", text});
  dropped_ = 0;
}

void LogWriter::write(const LogLine& line) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + line.text.size() > options_.buffer_limit) {
      ++dropped_;
      return;
    }
    append_dropped_line();
    append_log_line(waiting_, options_.format, now(), line);
  }
  filled_.notify_one();
}

void LogWriter::write_plain(std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    waiting_ += text;
  }
  filled_.notify_one();
}

void LogWriter::flush() {
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [this] { return waiting_.empty() && !writing_; });
}

void LogWriter::run() {
  std::string text;
  std::unique_lock lock(mutex_);
  for (;;) {
    filled_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    text.clear();
    text.swap(waiting_);
    writing_ = true;
    lock.unlock();
    write_all(text);
    lock.lock();
    writing_ = false;
    if (waiting_.empty()) emptied_.notify_all();
  }
}

}  // namespace highwater::node
