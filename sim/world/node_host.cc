#include "world/node_host.h"

#include <fmt/core.h>

#include <memory>
#include <optional>

#include "engine/quorum/format.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "node/node.h"

namespace highwater::sim {

namespace {

constexpr Duration restart_pause = Duration::from_ms(500);
constexpr const char* cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";

}  // namespace

Result<configs::BrokerSettings> node_settings(const std::string& host, NodeId id, const configs::ConfigMap& changes) {
  configs::ConfigMap text = {
      {"node.id", fmt::format("{}", id)},
      {"process.roles", "broker,controller"},
      {"listeners", fmt::format("PLAINTEXT://{}:{},CONTROLLER://{}:{}", host, broker_port, host, controller_port)},
      {"advertised.listeners", fmt::format("PLAINTEXT://{}:{}", host, broker_port)},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"},
      {"inter.broker.listener.name", "PLAINTEXT"},
      {"controller.quorum.bootstrap.servers", fmt::format("{}:{}", host, controller_port)},
      {"log.dirs", "/data"},
      {"offsets.topic.replication.factor", "1"},
  };
  for (const auto& [key, value] : changes) text[key] = value;
  return configs::resolve_broker_settings(std::move(text));
}

// The main program of the server, without the command line.
class NodeProgram : public io::sim::Program {
 public:
  NodeProgram(io::sim::Process& process, NodeHost& host)
      : process_(&process), host_(&host), tasks_(process.reactor(0).ready()) {
    tasks_.spawn(run());
  }

  // Asks for a clean stop; the process exits by itself.
  void stop() {
    if (stopping_) return;
    stopping_ = true;
    if (node_ != nullptr && started_) tasks_.spawn(stop_node());
  }

 private:
  io::Task<void> run() {
    io::sim::SimReactor& reactor = process_->reactor(0);
    Logger logger(*host_->log_, "sim.NodeHost");
    if (!host_->formatted_) {
      auto formatted = co_await engine::format_directories(reactor, format_options());
      if (!formatted.has_value()) {
        logger.error("format: {}", formatted.error().text);
        co_return process_->exit(1);
      }
      host_->formatted_ = true;
    }
    node::NodeDeps deps{.reactors = {}, .log = *host_->log_};
    for (std::uint32_t core = 0; core < process_->cores(); ++core) deps.reactors.push_back(&process_->reactor(core));
    node_ = std::make_unique<node::Node>(host_->spec_.settings, deps);
    const Result<void> started = co_await node_->start();
    if (!started.has_value()) logger.error("start: {}", started.error().text);
    started_ = true;
    if (!started.has_value() || stopping_) {
      stopping_ = true;
      co_await stop_node();
      co_return;
    }
    host_->serving_ = true;
    const std::string sentence = co_await node_->failed();
    logger.error("failed: {}", sentence);
    if (!stopping_) {
      stopping_ = true;
      co_await stop_node();
    }
  }

  io::Task<void> stop_node() {
    host_->serving_ = false;
    const Result<void> stopped = co_await node_->stop();
    if (!stopped.has_value()) Logger(*host_->log_, "sim.NodeHost").error("stop: {}", stopped.error().text);
    process_->exit(stopped.has_value() ? 0 : 1);
  }

  engine::FormatOptions format_options() const {
    engine::FormatOptions options;
    options.cluster_id = cluster_id;
    options.node_id = host_->spec_.id;
    options.directories = host_->spec_.settings.log_dirs;
    options.metadata_directory = host_->spec_.settings.metadata_log_dir;
    options.standalone_voter = engine::VoterEndpoint{"CONTROLLER", host_->name(), controller_port};
    options.already_formatted = engine::AlreadyFormatted::leave;
    return options;
  }

  io::sim::Process* process_;
  NodeHost* host_;
  bool started_ = false;
  bool stopping_ = false;
  std::unique_ptr<node::Node> node_;
  io::TaskGroup tasks_;
};

NodeHost::NodeHost(io::sim::World& world, NodeSpec spec, LogSink& log)
    : world_(&world), spec_(std::move(spec)), log_(&log), machine_(&world.add_machine({.name = spec_.name})) {
  start();
}

io::sim::Process* NodeHost::process() {
  for (const auto& process : machine_->processes()) {
    if (process->id() == process_id_) return process.get();
  }
  return nullptr;
}

void NodeHost::start() {
  start_pending_ = false;
  if (process() != nullptr) return;
  machine_->boot();
  ++starts_;
  io::sim::Process& process = machine_->start({.name = "highwater", .cores = spec_.cores},
                                              [this](io::sim::Process& own) -> std::unique_ptr<io::sim::Program> {
                                                process_id_ = own.id();
                                                return std::make_unique<NodeProgram>(own, *this);
                                              });
  process.set_on_exit([this](int status) { exited(status); });
}

void NodeHost::exited(int /*status*/) {
  serving_ = false;
  start_after(std::exchange(next_pause_, restart_pause));
}

void NodeHost::start_after(Duration pause) {
  if (start_pending_) return;
  start_pending_ = true;
  world_->at(world_->now() + pause, [this] {
    if (start_pending_) start();
  });
}

void NodeHost::kill(Duration pause) {
  io::sim::Process* victim = process();
  if (victim == nullptr) return;
  serving_ = false;
  machine_->kill(*victim);
  start_after(pause);
}

void NodeHost::kill_after_resumptions(std::uint64_t count, Duration pause) {
  io::sim::Process* victim = process();
  if (victim == nullptr) return;
  next_pause_ = pause;
  victim->kill_after_resumptions(count);
}

void NodeHost::power_cut(Duration pause) {
  if (!machine_->powered()) return;
  serving_ = false;
  start_pending_ = false;
  machine_->power_cut();
  start_after(pause);
}

void NodeHost::stop(Duration pause) {
  io::sim::Process* victim = process();
  if (victim == nullptr) return;
  next_pause_ = pause;
  static_cast<NodeProgram*>(victim->program())->stop();
}

void NodeHost::ensure_up() { start(); }

}  // namespace highwater::sim
