// One core of a simulated process. Turns happen as events: whatever completes something for this core asks for a turn,
// and a turn makes the core busy for a while, so that what arrives meanwhile is handled together in the next one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "io/reactor.h"
#include "io/sim/process.h"

namespace highwater::io::sim {

class SimFileSystem;
class SimNetwork;

class SimReactor final : public Reactor {
 public:
  SimReactor(Process& process, std::uint32_t core);
  ~SimReactor() override;

  Instant now() const override;
  WallTime wall_now() const override;
  Network& network() override;
  FileSystem& files() override;
  Random& random() override { return random_; }
  Future<Done> sleep_until(Instant deadline) override;
  void post(std::move_only_function<void()> work) override;
  bool offload(std::move_only_function<void()> work, std::move_only_function<void()> done) override;

  Process& process() { return *process_; }
  Machine& machine() { return process_->machine(); }
  World& world() { return machine().world(); }
  // Runs `complete` at world time `time` if this process still lives then, and gives the core a turn.
  void deliver_at(Instant time, std::move_only_function<void()> complete);
  // Asks for a turn; whoever made something ready from outside has to.
  void kick();

 private:
  void turn();

  Process* process_;
  std::uint32_t core_;
  Random random_;
  Random cost_random_;
  bool turn_asked_ = false;
  Instant busy_until_;
  Instant last_post_;
  std::size_t workers_busy_ = 0;
  std::unique_ptr<SimNetwork> network_;
  std::unique_ptr<SimFileSystem> files_;
};

}  // namespace highwater::io::sim
