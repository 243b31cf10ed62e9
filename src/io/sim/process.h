// A program that runs on a machine, on one or several reactors. Dying destroys the program (its frames, sockets, files)
// wherever it waits, then the reactors; nothing of it is ever resumed afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/sim/machine.h"

namespace highwater::io::sim {

class SimReactor;

// What a process runs: built by the factory on the reactors of its process, destroyed when the process dies.
class Program {
 public:
  virtual ~Program() = default;
};

class Process {
 public:
  Process(Machine& machine, std::uint64_t id, std::string name, std::uint32_t cores);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Machine& machine() { return *machine_; }
  std::uint64_t id() const { return id_; }
  const std::string& name() const { return name_; }
  std::uint32_t cores() const { return static_cast<std::uint32_t>(reactors_.size()); }
  SimReactor& reactor(std::uint32_t core) { return *reactors_[core]; }
  Program* program() { return program_.get(); }
  const std::shared_ptr<const Life>& life() const { return life_; }
  Random& random() { return random_; }

  // The program ends by itself: the process dies after the running event, then `on_exit` is called.
  void exit(int status);
  void set_on_exit(std::move_only_function<void(int)> on_exit) { on_exit_ = std::move(on_exit); }

  // Dies right after the `count`th resumption from now on, in the middle of the turn: a kill at any await.
  void kill_after_resumptions(std::uint64_t count) { kill_in_ = count; }
  void let_live() { kill_in_.reset(); }
  std::uint64_t resumptions() const { return resumptions_; }
  // Nothing of it runs before `until` (a stopped or starved process); the world goes on.
  void pause_until(Instant until) { paused_until_ = until; }
  Instant paused_until() const { return paused_until_; }

  // For machine, reactors and disk.
  void run(Machine::Factory factory);
  void die();
  // Counts a resumption; false when the process has to die now.
  bool count_resumption();
  // What becomes of an operation that the kernel still works on when the process is killed (not when power is cut).
  using Abandon = std::move_only_function<void(Random&)>;
  std::uint64_t add_in_flight(Abandon abandon);
  void remove_in_flight(std::uint64_t id) { in_flight_.erase(id); }

 private:
  Machine* machine_;
  std::uint64_t id_;
  std::string name_;
  Random random_;
  std::shared_ptr<Life> owned_life_ = std::make_shared<Life>();
  std::shared_ptr<const Life> life_ = owned_life_;
  std::optional<std::uint64_t> kill_in_;
  std::uint64_t resumptions_ = 0;
  Instant paused_until_;
  std::uint64_t next_in_flight_ = 0;
  std::map<std::uint64_t, Abandon> in_flight_;
  std::move_only_function<void(int)> on_exit_;
  std::vector<std::unique_ptr<SimReactor>> reactors_;
  std::unique_ptr<Program> program_;
};

}  // namespace highwater::io::sim
