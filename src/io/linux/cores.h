// The reactors of one node: core 0 runs on the thread that made it, each other on a thread of its own. What lives on a
// core is made and destroyed by work that runs there; call() does that at start and stop, and nowhere else, because it
// waits.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "foundation/base/result.h"
#include "io/linux/linux_reactor.h"

namespace highwater::io {

class Cores {
 public:
  // `count` is 1 to 64. Ports are shared between the cores and with nobody else (options.port_sharing is not looked
  // at).
  static Result<std::unique_ptr<Cores>> start(std::size_t count, const LinuxOptions& options);
  // Stops the other threads, the last core first. Whatever lives on a core must be gone.
  ~Cores();
  Cores(const Cores&) = delete;
  Cores& operator=(const Cores&) = delete;

  std::size_t size() const { return cores_.size(); }
  LinuxReactor& reactor(std::size_t core) { return *cores_[core].reactor; }
  // Runs `work` on that core and waits for its end. Only from the thread of core 0, outside of its loop.
  void call(std::size_t core, std::move_only_function<void()> work);
  // Runs core 0 here until stop().
  void run() { reactor(0).run(); }
  // Any thread, and from signal handlers. The other cores go on until destruction: stopping a node needs them.
  void stop() { reactor(0).stop(); }

 private:
  Cores();

  struct Core {
    std::unique_ptr<LinuxReactor> reactor;
    unsigned long thread = 0;  // pthread_t; 0 on core 0
  };
  std::vector<Core> cores_;
};

}  // namespace highwater::io
