#include "io/linux/background.h"

#include <csignal>

#include "foundation/base/check.h"

namespace highwater::io {

bool Background::full() {
  const std::lock_guard lock(mutex_);
  return queue_.size() >= limit_;
}

void Background::submit(std::unique_ptr<Job> job) {
  ++submitted_;
  if (stopping_) return job->run();
  if (!started_) {
    // Signals belong to the thread that runs the loop.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    HW_CHECK(pthread_create(&thread_, nullptr, &Background::enter, this) == 0);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    started_ = true;
  }
  {
    const std::lock_guard lock(mutex_);
    HW_CHECK(queue_.size() < limit_);
    queue_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void Background::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (std::exchange(started_, false)) pthread_join(thread_, nullptr);
}

void* Background::enter(void* self) {
  static_cast<Background*>(self)->loop();
  return nullptr;
}

void Background::loop() {
  pthread_setname_np(pthread_self(), name_);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job->run();
    inbox_->post([job = std::move(job)] { job->finish(); });
    lock.lock();
  }
}

}  // namespace highwater::io
