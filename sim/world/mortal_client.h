// A client that may die at any moment, in the middle of a frame too, and comes again as another one.
#pragma once

#include <cstdint>
#include <memory>

#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "workloads/workload.h"

namespace highwater::sim {

class MortalClient {
 public:
  // Makes the program of each life; the workload outlives the world.
  using Make = std::unique_ptr<io::sim::Program> (*)(io::sim::Process&, Workload&, Random);
  MortalClient(io::sim::Machine& machine, Workload& workload, Random random, Make make);
  MortalClient(const MortalClient&) = delete;
  MortalClient& operator=(const MortalClient&) = delete;

  io::sim::Machine& machine() { return *machine_; }
  // Dies after so many resumptions; the next life begins after the pause, unless nothing begins any more.
  void kill_after_resumptions(std::uint64_t count, Duration pause);
  void no_more_lives() { over_ = true; }

 private:
  void start();

  io::sim::Machine* machine_;
  Workload* workload_;
  Random random_;
  Make make_;
  Duration pause_ = Duration::from_ms(100);
  std::uint64_t process_id_ = 0;
  std::uint64_t lives_ = 0;
  bool over_ = false;
};

}  // namespace highwater::sim
