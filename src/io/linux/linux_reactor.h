// The real body of Reactor: one per thread, epoll for sockets, timers by epoll's timeout, io_uring or a file thread for
// files. An idle reactor has no tick and uses no CPU. Whoever makes one runs it on one thread, and destroys sockets,
// files and task groups that live on it first; destroying the reactor waits for what the kernel still does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "foundation/base/result.h"
#include "foundation/base/time.h"
#include "io/reactor.h"

namespace highwater::io {

enum class FileEngineKind : std::uint8_t {
  automatic,  // io_uring when the kernel and the container allow it, else the file thread
  io_uring,   // making the reactor fails when it is not allowed
  thread
};

// Whether other reactors of the same node listen on the same port.
enum class PortSharing : std::uint8_t {
  alone,
  first,   // fails when anybody, also of the same user, listens already; then shares
  further  // shares with the first
};

struct LinuxOptions {
  FileEngineKind file_engine = FileEngineKind::automatic;
  PortSharing port_sharing = PortSharing::alone;
  std::size_t file_queue_limit = 65'536;  // operations; beyond it a file operation answers IoError::other
  std::size_t worker_queue_limit = 256;   // offload() answers false beyond it
  std::size_t resume_limit = 1'024;       // resumptions of a turn before sockets and timers are looked at again
  Duration spin;                          // polls this long before it sleeps; 0 is right unless a core is to spare
  std::uint64_t seed = 0;                 // of random(); 0 takes one from the kernel
};

struct LinuxCounters {
  std::uint64_t turns = 0;
  std::uint64_t sleeps = 0;
  std::uint64_t wakeups = 0;          // by other threads
  std::uint64_t posted = 0;           // work that came through post(), also the ends of file operations
  std::uint64_t file_jobs = 0;        // given to the file thread
  std::uint64_t ring_operations = 0;  // given to io_uring
  std::uint64_t refused = 0;          // file operations beyond the limit
};

class LinuxReactor : public Reactor {
 public:
  // Turns until stop(), then finishes the turn it is in. May be called again.
  virtual void run() = 0;
  // Turns until `condition` holds at the end of a turn (true), or `limit` is over or stop() was called (false).
  virtual bool run_until(std::move_only_function<bool()> condition, Duration limit) = 0;
  virtual void run_for(Duration span) = 0;
  // Any thread, and from signal handlers.
  virtual void stop() = 0;
  // What files really use: io_uring or thread.
  virtual FileEngineKind file_engine() const = 0;
  virtual LinuxCounters counters() const = 0;
};

Result<std::unique_ptr<LinuxReactor>> make_linux_reactor(const LinuxOptions& options);

}  // namespace highwater::io
