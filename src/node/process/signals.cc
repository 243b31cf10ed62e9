#include "node/process/signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace highwater::node {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGQUIT);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

struct SignalWatch::Body {
  SignalListener& listener;
  std::atomic<bool> ending = false;
  std::thread thread;

  void run() {
    const sigset_t set = watched_signals();
    bool asked = false;
    for (;;) {
      int number = 0;
      if (sigwait(&set, &number) != 0 || ending.load()) return;
      if (number == SIGHUP) {
        listener.on_hangup();
      } else if (number == SIGQUIT) {
        listener.on_quit();
      } else if (asked) {
        if (number == SIGINT) _exit(1);
      } else {
        asked = true;
        listener.on_stop_signal(number);
      }
    }
  }
};

SignalWatch::SignalWatch(SignalListener& listener) : body_(new Body{listener}) {
  body_->thread = std::thread([body = body_.get()] { body->run(); });
}

SignalWatch::~SignalWatch() {
  body_->ending = true;
  pthread_kill(body_->thread.native_handle(), SIGTERM);
  body_->thread.join();
}

}  // namespace highwater::node
