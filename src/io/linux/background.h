// A thread with a bounded queue that serves one core's loop: the file thread, the worker, the name resolver. The thread
// starts with the first job. Only the loop submits.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "io/future.h"
#include "io/linux/inbox.h"

namespace highwater::io {

// Made, finished and destroyed on the loop; only run() happens on the thread.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() = 0;
  virtual void finish() = 0;
};

class Background {
 public:
  // `name` is what the operating system shows for the thread: at most 15 characters.
  Background(Inbox& inbox, const char* name, std::size_t limit) : inbox_(&inbox), name_(name), limit_(limit) {}
  // Runs what is queued to the end, then joins.
  ~Background() { stop(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // The queue is at its limit: the caller answers with an error. Stays true at most until the next job is done.
  bool full();
  // Must not be full. After stop() the job runs on the spot, and nobody hears of its end.
  void submit(std::unique_ptr<Job> job);
  void stop();
  std::uint64_t submitted() const { return submitted_; }

  // The result of `work`, computed on the thread; `refusal` when the queue is full.
  template <class T>
  Future<T> call(ReadyQueue& queue, std::move_only_function<T()> work, T refusal);

 private:
  static void* enter(void* self);
  void loop();

  Inbox* inbox_;
  const char* name_;
  std::size_t limit_;
  std::uint64_t submitted_ = 0;
  pthread_t thread_{};
  bool started_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> queue_;
  bool stopping_ = false;
};

template <class T>
class CallJob final : public Job {
 public:
  CallJob(std::move_only_function<T()> work, Promise<T> promise)
      : work_(std::move(work)), promise_(std::move(promise)) {}
  void run() override { result_.emplace(work_()); }
  void finish() override { promise_.complete(std::move(*result_)); }

 private:
  std::move_only_function<T()> work_;
  Promise<T> promise_;
  std::optional<T> result_;
};

template <class T>
Future<T> Background::call(ReadyQueue& queue, std::move_only_function<T()> work, T refusal) {
  if (full()) return Future<T>::ready(std::move(refusal));
  auto [promise, future] = make_future<T>(queue);
  submit(std::make_unique<CallJob<T>>(std::move(work), std::move(promise)));
  return std::move(future);
}

}  // namespace highwater::io
