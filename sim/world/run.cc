#include "world/run.h"

#include <fmt/core.h>

#include <array>
#include <fstream>
#include <memory>

#include "checkers/stopped_node.h"
#include "faults/fault_plan.h"
#include "io/sim/fabric.h"
#include "workloads/workload.h"
#include "world/mortal_client.h"
#include "world/node_host.h"

namespace highwater::sim {

namespace {

constexpr Duration warm_up = Duration::from_seconds(3);
constexpr Duration calm_max = Duration::from_seconds(240);  // after healing, until everything must be answered
constexpr Duration fixed_calm = Duration::from_seconds(30);
constexpr Duration stop_max = Duration::from_seconds(60);
constexpr Duration stopped_for = stop_max * 2;  // a power cut comes first
constexpr Duration look_interval = Duration::from_ms(500);

// One cluster: a node, its history, and its clients.
struct ClusterRun {
  ClusterRun(std::string name, const Scenario& scenario) : history(std::move(name), scenario) {}

  History history;
  Workload workload;
  std::unique_ptr<NodeHost> node;
  std::vector<io::sim::Machine*> clients;
  std::vector<std::unique_ptr<MortalClient>> mortals;
};

// The log of a node, with the world's time in front.
class WorldLog : public LogSink {
 public:
  WorldLog(io::sim::World& world, std::string node, LogSink& below)
      : world_(&world), node_(std::move(node)), below_(&below) {}
  LogLevel threshold() const override { return below_->threshold(); }
  void write(const LogLine& line) override {
    const std::string prefix =
        fmt::format("{:.6f} {} {}", static_cast<double>(world_->now().nanoseconds) / 1e9, node_, line.context);
    below_->write({line.level, line.logger, prefix, line.text});
  }

 private:
  io::sim::World* world_;
  std::string node_;
  LogSink* below_;
};

class Run {
 public:
  Run(const Scenario& scenario, std::uint64_t seed, RunOptions options);
  RunResult execute();

 private:
  void add_cluster(std::uint64_t index);
  void add_clients(ClusterRun& cluster, std::uint64_t index);
  void add_administration(ClusterRun& cluster, std::uint64_t index);
  struct Kind {
    const char* name;
    const Range& count;
    std::unique_ptr<io::sim::Program> (*make)(io::sim::Process&, Workload&, Random);
  };
  void add_kind(ClusterRun& cluster, std::uint64_t index, const Kind& kind, Random& draws, std::uint64_t& stream);
  void draw_more_settings(configs::ConfigMap& changes, std::uint64_t index);
  void add_client(ClusterRun& cluster, std::uint64_t index, std::uint64_t number);
  bool everywhere(bool (*done)(const ClusterRun&)) const;
  void settle();
  void audit(std::uint64_t round);
  void stop_cleanly();
  RunResult result();

  const Scenario* scenario_;
  RunOptions options_;
  // Destroyed after the world, whose programs point here.
  std::vector<std::unique_ptr<ClusterRun>> clusters_;
  std::vector<std::unique_ptr<WorldLog>> logs_;
  std::unique_ptr<FaultPlan> faults_;
  std::ofstream trace_;
  io::sim::World world_;
  Random draws_;
  std::string drawn_;
};

Run::Run(const Scenario& scenario, std::uint64_t seed, RunOptions options)
    : scenario_(&scenario),
      options_(std::move(options)),
      world_(seed),
      draws_(world_.stream(io::sim::Purpose::workload, 1'000'000)) {
  if (!options_.trace_path.empty()) {
    trace_.open(options_.trace_path);
    world_.set_trace_sink([this](const std::string& line) { trace_ << line << '\n'; });
  }
  io::sim::NetworkConditions& network = world_.fabric().conditions();
  network.delay_max = Duration::from_us(draws_.between(100, 3'000));
  network.pipe_capacity = std::size_t{4096} << draws_.below(7);
  const std::int64_t nodes = scenario.nodes.draw(draws_);
  for (std::int64_t i = 0; i < nodes; ++i) add_cluster(static_cast<std::uint64_t>(i));
  FaultPlan::Targets targets;
  for (auto& cluster : clusters_) {
    targets.nodes.push_back(cluster->node.get());
    targets.workloads.push_back(&cluster->workload);
    for (const auto& mortal : cluster->mortals) targets.mortals.push_back(mortal.get());
    for (io::sim::Machine* client : cluster->clients) targets.clients.push_back(client);
  }
  faults_ = std::make_unique<FaultPlan>(world_, scenario, std::move(targets));
  faults_->keep_only(options_.only_strikes);
}

void Run::add_cluster(std::uint64_t index) {
  const std::string name = fmt::format("node{}", index + 1);
  clusters_.push_back(std::make_unique<ClusterRun>(name, *scenario_));
  ClusterRun& cluster = *clusters_.back();
  cluster.workload.history = &cluster.history;
  cluster.workload.scenario = scenario_;
  cluster.workload.host = name;
  cluster.workload.node = fmt::format("{}", index + 1);
  logs_.push_back(
      std::make_unique<WorldLog>(world_, name, options_.log == nullptr ? silent_log_sink() : *options_.log));
  const auto cores = static_cast<std::uint32_t>(scenario_->cores.draw(draws_));
  configs::ConfigMap changes;
  changes["log.durability"] = scenario_->durability;
  changes["highwater.cores"] = fmt::format("{}", cores);
  changes["log.segment.bytes"] = "1048576";
  changes["log.index.interval.bytes"] = fmt::format("{}", draws_.between(0, 8192));
  changes["log.flush.offset.checkpoint.interval.ms"] = fmt::format("{}", draws_.between(500, 60'000));
  changes["replica.high.watermark.checkpoint.interval.ms"] = fmt::format("{}", draws_.between(500, 60'000));
  // Little memory, so that readers come to the files and indexes are read again.
  changes["highwater.tail.bytes"] = fmt::format("{}", draws_.between(8, 1024) << 10);
  changes["highwater.index.bytes"] = fmt::format("{}", draws_.between(4, 64) << 10);
  draw_more_settings(changes, index);
  auto settings = node_settings(name, static_cast<NodeId>(index + 1), changes);
  if (!settings.has_value()) {
    cluster.history.violation(Checker::answered, settings.error().text);
    return;
  }
  drawn_ += fmt::format("cores {} ", cores);
  cluster.node = std::make_unique<NodeHost>(
      world_, NodeSpec{.name = name, .id = static_cast<NodeId>(index + 1), .cores = cores, .settings = *settings},
      *logs_.back());
  add_clients(cluster, index);
  add_administration(cluster, index);
}

// From a stream of its own: a scenario that has none of it stays what it was.
void Run::draw_more_settings(configs::ConfigMap& changes, std::uint64_t index) {
  Random draws = world_.stream(io::sim::Purpose::workload, 2'000'000 + index);
  const std::int64_t log_dirs = scenario_->log_dirs.draw(draws);
  for (std::int64_t i = 2; i <= log_dirs; ++i) {
    changes["log.dirs"] = fmt::format("{},/data{}", i == 2 ? "/data" : changes["log.dirs"], i);
  }
  if (log_dirs > 1) drawn_ += fmt::format("log_dirs {} ", log_dirs);
  for (const auto& [key, range] : scenario_->settings) {
    changes[key] = fmt::format("{}", range.draw(draws));
    drawn_ += fmt::format("{} {} ", key, changes[key]);
  }
}

void Run::add_clients(ClusterRun& cluster, std::uint64_t index) {
  const std::int64_t topics = scenario_->topics.draw(draws_);
  for (std::int64_t topic = 0; topic < topics; ++topic) {
    const std::int64_t partitions = scenario_->partitions.draw(draws_);
    for (std::int64_t i = 0; i < partitions; ++i) {
      cluster.workload.places.push_back({fmt::format("t{}", topic), static_cast<std::int32_t>(i)});
    }
  }
  const std::int64_t clients = scenario_->clients.draw(draws_);
  for (std::int64_t i = 0; i < clients; ++i) add_client(cluster, index, static_cast<std::uint64_t>(i));
  drawn_ += fmt::format("clients {} places {} ", clients, cluster.workload.places.size());
}

void Run::add_client(ClusterRun& cluster, std::uint64_t index, std::uint64_t number) {
  io::sim::Machine& machine = world_.add_machine({.name = fmt::format("client{}-{}", index + 1, number),
                                                  .wall_offset_ms = draws_.between(-3'000, 3'000),
                                                  .drift_ppm = static_cast<std::int32_t>(draws_.between(-200, 200))});
  cluster.clients.push_back(&machine);
  const Random random = world_.stream(io::sim::Purpose::workload, index * 1000 + number);
  Workload& workload = cluster.workload;
  machine.start({.name = "client"}, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
    // One of each kind, then writers and tail readers in turn.
    if (number == 1) return make_tail_reader(process, workload, random);
    if (number == 2) return make_seeker(process, workload, random);
    if (number == 3) return make_topic_changer(process, workload, random);
    if (number % 4 == 1) return make_tail_reader(process, workload, random);
    return make_writer(process, workload, random);
  });
}

void Run::add_administration(ClusterRun& cluster, std::uint64_t index) {
  const std::array<Kind, 4> kinds = {{{"administrator", scenario_->administrators, make_administrator},
                                      {"recreator", scenario_->recreators, make_recreator},
                                      {"limiter", scenario_->limiters, make_limiter},
                                      {"trimmer", scenario_->trimmers, make_trimmer}}};
  Random draws = world_.stream(io::sim::Purpose::workload, 3'000'000 + index);
  std::uint64_t stream = index * 1000 + 500;
  for (const Kind& kind : kinds) add_kind(cluster, index, kind, draws, stream);
  const std::int64_t mortals = scenario_->mortals.draw(draws);
  for (std::int64_t i = 0; i < mortals; ++i) {
    io::sim::Machine& machine = world_.add_machine({.name = fmt::format("mortal{}-{}", index + 1, i)});
    cluster.clients.push_back(&machine);
    const Random random = world_.stream(io::sim::Purpose::workload, stream++);
    cluster.mortals.push_back(std::make_unique<MortalClient>(machine, cluster.workload, random, make_writer));
  }
  add_kind(cluster, index, {"mover", scenario_->movers, make_mover}, draws, stream);
}

void Run::add_kind(ClusterRun& cluster, std::uint64_t index, const Kind& kind, Random& draws, std::uint64_t& stream) {
  const std::int64_t count = kind.count.draw(draws);
  for (std::int64_t i = 0; i < count; ++i) {
    io::sim::Machine& machine = world_.add_machine({.name = fmt::format("{}{}-{}", kind.name, index + 1, i),
                                                    .wall_offset_ms = draws.between(-3'000, 3'000),
                                                    .drift_ppm = static_cast<std::int32_t>(draws.between(-200, 200))});
    cluster.clients.push_back(&machine);
    const Random random = world_.stream(io::sim::Purpose::workload, stream++);
    machine.start({.name = kind.name},
                  [&](io::sim::Process& process) { return kind.make(process, cluster.workload, random); });
  }
  if (count > 0) drawn_ += fmt::format("{}s {} ", kind.name, count);
}

bool Run::everywhere(bool (*done)(const ClusterRun&)) const {
  for (const auto& cluster : clusters_) {
    if (!done(*cluster)) return false;
  }
  return true;
}

// The calm at the end: what was asked for is answered, and then looked at.
void Run::settle() {
  faults_->heal();
  for (auto& cluster : clusters_) cluster->workload.writing = false;
  const Instant limit = world_.now() + calm_max;
  const auto idle = [](const ClusterRun& cluster) { return cluster.workload.writers_busy == 0; };
  if (options_.only_kill != RunOptions::by_scenario) world_.run_for(fixed_calm);
  while (!everywhere(idle) && world_.now() < limit) world_.run_for(look_interval);
  for (std::uint64_t i = 0; i < clusters_.size(); ++i) {
    ClusterRun& cluster = *clusters_[i];
    if (!idle(cluster)) {
      cluster.history.violation(Checker::answered,
                                fmt::format("{} writers still wait for {} answers", cluster.workload.writers_busy,
                                            cluster.history.unreported()));
    }
  }
  audit(0);
  if (!scenario_->checks(Checker::files)) return;
  stop_cleanly();
  audit(1);
}

void Run::audit(std::uint64_t round) {
  for (std::uint64_t i = 0; i < clusters_.size(); ++i) {
    ClusterRun& cluster = *clusters_[i];
    cluster.workload.audited = false;
    const std::string name = fmt::format("auditor{}{}", i + 1, round == 0 ? "" : "-again");
    io::sim::Machine& machine = world_.add_machine({.name = name});
    const Random random = world_.stream(io::sim::Purpose::workload, 900'000 + 1'000 * round + i);
    machine.start({.name = "auditor"},
                  [&](io::sim::Process& process) { return make_auditor(process, cluster.workload, random); });
  }
  const Instant audit_limit = world_.now() + calm_max;
  const auto audited = [](const ClusterRun& cluster) { return cluster.workload.audited; };
  while (!everywhere(audited) && world_.now() < audit_limit) world_.run_for(look_interval);
  for (auto& cluster : clusters_) {
    if (!audited(*cluster)) cluster->history.violation(Checker::answered, "the auditor was not answered");
  }
}

// A stop in a healed world, and a power cut at once: what the stop promised has to be on the disk.
void Run::stop_cleanly() {
  for (auto& cluster : clusters_) cluster->node->stop(stopped_for);
  const auto stopped = [](const ClusterRun& cluster) { return cluster.node->process() == nullptr; };
  const Instant limit = world_.now() + stop_max;
  while (!everywhere(stopped) && world_.now() < limit) world_.run_for(look_interval);
  for (auto& cluster : clusters_) {
    if (!stopped(*cluster)) cluster->history.violation(Checker::answered, "the node does not stop");
    cluster->node->power_cut(look_interval);
    io::sim::Disk& disk = cluster->node->machine().disk();
    for (std::string& wrong : wrongs_after_clean_stop(disk, cluster->node->settings().log_dirs))
      cluster->history.violation(Checker::files, "after a clean stop and a power cut " + std::move(wrong));
  }
}

RunResult Run::execute() {
  if (!everywhere([](const ClusterRun& cluster) { return cluster.node != nullptr; })) return result();
  const Instant end = Instant{} + Duration::from_us(scenario_->seconds.draw(draws_) * 1'000'000);
  if (options_.only_kill == RunOptions::by_scenario) {
    faults_->start(Instant{} + warm_up, end);
  } else if (options_.only_kill != RunOptions::nobody) {
    NodeHost& victim = *clusters_[static_cast<std::size_t>(options_.only_kill)]->node;
    world_.at(Instant{end.nanoseconds / 2}, [&victim] { victim.kill(Duration::from_seconds(1)); });
  }
  world_.run_until(end);
  settle();
  return result();
}

RunResult Run::result() {
  RunResult result;
  result.trace_hash = world_.trace_hash();
  result.simulated_ms = Duration{world_.now().nanoseconds}.ms();
  result.events = world_.event_count();
  result.faults = faults_->strikes().size();
  result.strikes = faults_->strikes();
  result.drawn = drawn_;
  for (auto& cluster : clusters_) {
    const Registers& registers = cluster->workload.registers;
    if (registers.reads() > 0)
      result.drawn += fmt::format("changes {} looks {} ", registers.acknowledged(), registers.reads());
    result.acknowledged += cluster->history.acknowledged() + cluster->workload.registers.acknowledged();
    if (cluster->node != nullptr) {
      result.node_hashes.push_back(cluster->node->machine().trace_hash());
      result.node_starts += cluster->node->starts();
    }
    for (const std::string& each : cluster->history.violations()) result.violations.push_back(each);
  }
  return result;
}

}  // namespace

RunResult run_seed(const Scenario& scenario, std::uint64_t seed, RunOptions options) {
  return Run(scenario, seed, std::move(options)).execute();
}

}  // namespace highwater::sim
