// For the tests of this room: a reactor, and a folder that goes away.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "io/linux/linux_reactor.h"
#include "io/linux/paths.h"
#include "io/task.h"

namespace highwater::io {

// Far beyond what any step takes, also under sanitizers on a busy machine: reaching it means that something hangs.
inline constexpr Duration patience = Duration::from_seconds(60);

inline std::unique_ptr<LinuxReactor> make_reactor(const LinuxOptions& options = {}) {
  auto reactor = make_linux_reactor(options);
  REQUIRE(reactor);
  return std::move(*reactor);
}

inline void finish(LinuxReactor& reactor, TaskGroup& tasks) {
  const bool ended = reactor.run_until([&tasks] { return tasks.size() == 0; }, patience);
  REQUIRE(ended);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    const char* root = std::getenv("TMPDIR");
    path_ = std::string(root != nullptr ? root : "/tmp") + "/highwater-test-XXXXXX";
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~TemporaryFolder() { (void)paths::remove_tree(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace highwater::io
