// One computer of a world: an address, a clock that is wrong in its own way, a disk, and the processes that run on it.
// Owned by the world. A process crash (kill) keeps what was written; a power cut keeps what was synced (see disk.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/sim/disk.h"
#include "io/sim/world.h"

namespace highwater::io::sim {

class Process;
class Program;
class SimListener;

struct MachineOptions {
  std::string name;                          // the host name, unique in its world
  std::int64_t wall_offset_ms = 0;           // how wrong the wall clock is from the start
  std::int32_t drift_ppm = 0;                // how fast the clocks run away, in millionths; |drift| <= 100'000
  std::uint64_t disk_capacity = 1ull << 40;  // bytes
};

class Machine {
 public:
  Machine(World& world, std::uint64_t index, MachineOptions options);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  World& world() { return *world_; }
  std::uint64_t index() const { return index_; }
  const std::string& name() const { return options_.name; }
  bool powered() const { return powered_; }
  Disk& disk() { return disk_; }
  Random& net_random() { return net_random_; }

  // The monotonic clock of this boot, and when (in world time) it will show `local` or more.
  Instant local_now() const;
  Instant world_time_of(Instant local) const;
  WallTime wall_now() const;
  // What an operator or a bad time server does; the monotonic clock is not touched.
  void jump_wall_clock(std::int64_t ms);

  struct ProcessOptions {
    std::string name = "process";
    std::uint32_t cores = 1;
  };
  using Factory = std::move_only_function<std::unique_ptr<Program>(Process&)>;
  // Starts a program at once; the machine must be powered. The process is valid until it is killed or exits.
  Process& start(ProcessOptions options, Factory factory);
  // kill -9: sockets are closed by the kernel, written bytes stay, operations in flight happened or did not.
  void kill(Process& process);
  // Everything stops without a word; boot() makes the machine usable again.
  void power_cut();
  void boot();
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  void trace(TraceKind kind, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t content = 0);
  std::uint64_t trace_hash() const { return trace_.value(); }

  // For the fabric.
  std::map<std::uint16_t, std::vector<SimListener*>>& ports() { return ports_; }
  std::uint16_t take_ephemeral_port();
  std::uint64_t take_connection_id() { return next_connection_++; }

 private:
  World* world_;
  std::uint64_t index_;
  MachineOptions options_;
  Random net_random_;
  Random clock_random_;
  Disk disk_;
  bool powered_ = true;
  std::int64_t monotonic_offset_;
  std::int64_t wall_jump_ms_ = 0;
  std::uint16_t next_port_ = 32768;
  std::uint64_t next_connection_ = 1;
  std::uint64_t next_process_ = 1;
  TraceHash trace_;
  std::map<std::uint16_t, std::vector<SimListener*>> ports_;
  std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace highwater::io::sim
