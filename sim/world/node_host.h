// One real server on one simulated machine: its directories are formatted once, it is started, and started again after
// every death, as an operator's supervisor does. Faults ask it to die in one way or another.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/base/log.h"
#include "io/sim/machine.h"
#include "machines/configs/broker_settings.h"

namespace highwater::sim {

struct NodeSpec {
  std::string name;  // of the machine
  NodeId id = 1;
  std::uint32_t cores = 1;
  configs::BrokerSettings settings;
};

inline constexpr std::uint16_t broker_port = 9092;
inline constexpr std::uint16_t controller_port = 9093;

// Settings of a node that is broker and controller at once, with its directory /data.
Result<configs::BrokerSettings> node_settings(const std::string& host, NodeId id, const configs::ConfigMap& changes);

class NodeHost {
 public:
  NodeHost(io::sim::World& world, NodeSpec spec, LogSink& log);
  NodeHost(const NodeHost&) = delete;
  NodeHost& operator=(const NodeHost&) = delete;

  io::sim::Machine& machine() { return *machine_; }
  const std::string& name() const { return spec_.name; }
  const configs::BrokerSettings& settings() const { return spec_.settings; }
  // Null while it is down.
  io::sim::Process* process();
  bool serving() const { return serving_; }
  std::uint64_t starts() const { return starts_; }

  // Faults. Whatever dies stays down for `pause` and is then started again.
  void kill(Duration pause);
  void kill_after_resumptions(std::uint64_t count, Duration pause);
  void power_cut(Duration pause);
  void stop(Duration pause);
  // Up as soon as possible, for the calm at the end.
  void ensure_up();

 private:
  friend class NodeProgram;
  void start();
  void start_after(Duration pause);
  void exited(int status);

  io::sim::World* world_;
  NodeSpec spec_;
  LogSink* log_;
  io::sim::Machine* machine_;
  std::uint64_t process_id_ = 0;
  Duration next_pause_ = Duration::from_ms(500);
  bool formatted_ = false;
  bool serving_ = false;
  bool start_pending_ = false;
  std::uint64_t starts_ = 0;
};

}  // namespace highwater::sim
