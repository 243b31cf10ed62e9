// SIGTERM and SIGINT ask for a clean stop. A SIGINT after that ends the process at once, as a crash would: somebody
// sits there and does not want to wait. A further SIGTERM changes nothing, as with a JVM: service managers send one
// after the stop command that they were given. SIGHUP is only noted: nothing is reloaded yet; SIGQUIT too, with which
// operators of Kafka ask a JVM for its threads. Signals are taken by a thread of their own, so no handler interrupts
// anything.
#pragma once

#include <memory>

namespace highwater::node {

// Before any thread is made: threads inherit which signals they leave alone.
void block_signals();

// Called on the watching thread.
class SignalListener {
 public:
  virtual void on_stop_signal(int number) = 0;  // once
  virtual void on_hangup() = 0;
  virtual void on_quit() = 0;

 protected:
  ~SignalListener() = default;
};

class SignalWatch {
 public:
  // `listener` outlives the watch.
  explicit SignalWatch(SignalListener& listener);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace highwater::node
