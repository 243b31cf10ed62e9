// From any core to the Directories of core 0. One per core.
#pragma once

#include <utility>
#include <vector>

#include "engine/partition/directories.h"
#include "engine/routing/cores.h"
#include "io/task.h"

namespace highwater::engine {

class DirectoriesDoor {
 public:
  DirectoriesDoor(Cores& cores, CoreIndex self, Directories& directories)
      : cores_(cores), self_(self), directories_(directories) {}

  // As the methods of Directories that have these names. The futures are of this core.
  io::Future<io::Done> begin_making(Directories::LogName name) {
    return cores_.call<io::Done>(self_, 0, [&there = directories_, name = std::move(name)](Reply<io::Done> reply) {
      there.begin_making(name, std::move(reply));
    });
  }
  void end_making(Directories::LogName name) {
    cores_.post(0, [&there = directories_, name = std::move(name)] { there.end_making(name); });
  }
  io::Future<Result<void>> forget(Directories::LogName name) {
    return cores_.call<Result<void>>(
        self_, 0, [&there = directories_, name = std::move(name)](Reply<Result<void>> reply) mutable {
          there.forget(std::move(name), std::move(reply));
        });
  }
  io::Future<Result<void>> raise_log_starts(std::vector<LogPosition> logs) {
    return cores_.call<Result<void>>(
        self_, 0, [&there = directories_, logs = std::move(logs)](Reply<Result<void>> reply) mutable {
          there.raise_log_starts(std::move(logs), std::move(reply));
        });
  }

 private:
  Cores& cores_;
  CoreIndex self_;
  Directories& directories_;
};

}  // namespace highwater::engine
