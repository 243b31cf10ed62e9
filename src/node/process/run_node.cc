#include "node/process/run_node.h"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "engine/quorum/format.h"
#include "engine/quorum/meta_properties.h"
#include "io/address_text.h"
#include "io/linux/cores.h"
#include "node/config/load.h"
#include "node/format/format_verb.h"
#include "node/node.h"
#include "node/process/descriptor_limit.h"
#include "node/process/signals.h"

namespace highwater::node {
namespace {

enum class Directories : std::uint8_t { must_be_formatted, format_when_empty };

// highwater.cores, or when that is 0: one on one or two CPUs, else half of those this process may use, at most 4.
std::size_t core_count(int configured) {
  if (configured > 0) return static_cast<std::size_t>(configured);
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return cpus <= 2 ? 1 : static_cast<std::size_t>(std::min(cpus / 2, 4));
}

io::Task<Result<void>> format_when_empty(io::Reactor& reactor, const configs::BrokerSettings& settings, Logger log) {
  auto directories = co_await engine::read_log_directories(reactor.files(), all_directories(settings));
  const bool all_empty = std::ranges::all_of(directories, [](const engine::LogDirectory& directory) {
    return directory.state == engine::DirectoryState::empty;
  });
  if (!all_empty) co_return Result<void>();
  auto options = standalone_format(settings, random_uuid(reactor.random()));
  auto lines = co_await engine::format_directories(reactor, std::move(options));
  if (!lines) co_return std::unexpected(lines.error());
  for (const std::string& line : *lines) log.info("{}", line);
  co_return Result<void>();
}

std::string clients_table(const Node& node) {
  std::string table;
  for (const BoundListener& listener : node.listeners())
    table += fmt::format("  {:<12} {:<28} {}\n", listener.name, io::address_text(listener.advertised),
                         configs::security_protocol_name(listener.protocol));
  return table;
}

// Runs one node on its cores. Lives on the stack of the main thread.
class NodeProcess final : public SignalListener {
 public:
  NodeProcess(const LoadedConfig& config, io::Cores& cores, LogWriter& log, std::size_t descriptors)
      : config_(config),
        reactor_(cores.reactor(0)),
        writer_(log),
        log_(log, "kafka.server.KafkaRaftServer", fmt::format("[KafkaRaftServer nodeId={}] ", config.settings.node_id)),
        node_(config.settings, NodeDeps{reactors_of(cores), log, log_files_per_core(descriptors, cores.size()),
                                        connections_max(descriptors)}),
        begun_(reactor_.now()),
        tasks_(reactor_.ready()) {}

  ExitStatus run(Directories directories) {
    for (const std::string& warning : config_.warnings) log_.named("kafka.server.KafkaConfig").warn("{}", warning);
    tasks_.spawn(start(directories));
    // A signal during the start is heard when the start is over: half-made nodes are not stopped, they are finished.
    while (!started_) reactor_.run_until([this] { return started_.has_value(); }, forever);
    if (!*started_) {
      log_.error("Fatal error during startup: {}", started_->error().text);
      writer_.flush();
      fmt::print(stderr, "highwater: {}\n", started_->error().text);
      stop();
      return ExitStatus::error;
    }
    announce();
    if (!stop_asked_) tasks_.spawn(watch());
    while (!stop_asked_ && failure_.empty())
      reactor_.run_until([this] { return !failure_.empty() || stop_asked_; }, forever);
    if (!failure_.empty()) fmt::print(stderr, "highwater: {}\n", failure_);
    const bool clean = stop();
    return failure_.empty() && clean ? ExitStatus::clean : ExitStatus::error;
  }

  void on_stop_signal(int number) override {
    reactor_.post([this, number] {
      stop_asked_ = true;
      stop_signal_ = number;
      log_.info("Received a request to stop; shutting down");
    });
  }
  void on_hangup() override { log_.info("SIGHUP: there is nothing to reload yet"); }
  void on_quit() override { log_.info("SIGQUIT: there are no threads of a JVM to tell; the node goes on"); }

  void print_first_steps() {
    for (const BoundListener& listener : node_.listeners()) {
      if (config_.settings.is_controller_listener(listener.name)) continue;
      const std::string address = io::address_text(listener.advertised);
      writer_.write_plain(fmt::format(
          "\nHighwater is ready. Clients connect to {0}, with any Kafka client. Data is in {1}.\nThree commands to try "
          "in another terminal:\n\n  echo 'hello:water' | kcat -P -b {0} -t first -K :\n  kcat -C -b {0} -t first -o "
          "beginning -e -K :\n  kcat -L -b {0}\n\nStop it with ^C.\n\n",
          address, config_.settings.log_dirs.front()));
      return;
    }
  }

  bool announce_first_steps = false;
  // SIGTERM, SIGINT, or 0 when the node ended by itself.
  int stop_signal() const { return stop_signal_; }

 private:
  static constexpr Duration forever = Duration::from_seconds(3600);

  static std::vector<io::Reactor*> reactors_of(io::Cores& cores) {
    std::vector<io::Reactor*> reactors;
    for (std::size_t core = 0; core < cores.size(); ++core) reactors.push_back(&cores.reactor(core));
    return reactors;
  }

  io::Task<void> start(Directories directories) {
    Result<void> outcome;
    if (directories == Directories::format_when_empty)
      outcome = co_await format_when_empty(reactor_, config_.settings, log_.named("kafka.server.StorageTool"));
    if (outcome) outcome = co_await node_.start();
    started_.emplace(std::move(outcome));
  }

  io::Task<void> watch() {
    auto failed = co_await node_.failed();
    failure_ = std::move(failed);
  }

  io::Task<void> shut_down() {
    auto outcome = co_await node_.stop();
    stopped_.emplace(std::move(outcome));
  }

  bool stop() {
    tasks_.spawn(shut_down());
    while (!stopped_) reactor_.run_until([this] { return stopped_.has_value(); }, forever);
    if (!*stopped_) log_.error("The stop was not clean: {}", stopped_->error().text);
    log_.info("shut down completed");
    return stopped_->has_value();
  }

  void announce() {
    log_.info("Kafka Server started");
    log_.info("Ready after {} ms. Clients connect to:\n{}", (reactor_.now() - begun_).ms(), clients_table(node_));
    if (announce_first_steps) print_first_steps();
  }

  const LoadedConfig& config_;
  io::LinuxReactor& reactor_;
  LogWriter& writer_;
  Logger log_;
  Node node_;
  const Instant begun_;
  std::optional<Result<void>> started_;
  std::optional<Result<void>> stopped_;
  std::string failure_;
  bool stop_asked_ = false;
  int stop_signal_ = 0;
  io::TaskGroup tasks_;  // last: its frames go first
};

ExitStatus run(const LoadedConfig& config, const LogOptions& log_options, Directories directories,
               AfterSignal after_signal) {
  block_signals();
  LogWriter log(log_options);
  const Logger logger(log, "kafka.server.KafkaRaftServer");
  const std::size_t descriptors = raise_descriptor_limit();
  auto cores = io::Cores::start(core_count(config.settings.own.cores), {});
  if (!cores) {
    fmt::print(stderr, "highwater: {}\n", cores.error().text);
    return ExitStatus::error;
  }
  logger.info("Highwater {} speaks Kafka 4.3; {} core(s), files by {}", HIGHWATER_VERSION, (*cores)->size(),
              (*cores)->reactor(0).file_engine() == io::FileEngineKind::io_uring ? "io_uring" : "a file thread");
  NodeProcess process(config, **cores, log, descriptors);
  process.announce_first_steps = directories == Directories::format_when_empty;
  const SignalWatch signals(process);
  const ExitStatus status = process.run(directories);
  if (status != ExitStatus::clean || after_signal == AfterSignal::status_clean) return status;
  return process.stop_signal() == SIGINT ? ExitStatus::interrupted : ExitStatus::terminated;
}

ExitStatus load_and_run(const ConfigSources& sources, const LogOptions& log, Directories directories,
                        AfterSignal after_signal) {
  auto config = load_config(sources);
  if (!config) {
    fmt::print(stderr, "highwater: {}\n", config.error().text);
    return ExitStatus::bad_configuration;
  }
  if (const auto fits = fit_to_machine(config->settings); !fits) {
    fmt::print(stderr, "highwater: {}\n", fits.error().text);
    return ExitStatus::bad_configuration;
  }
  return run(*config, log, directories, after_signal);
}

}  // namespace

ExitStatus run_dev(const DevOptions& options) {
  return load_and_run({dev_preset(options.data, options.port), "", options.overrides}, options.log,
                      Directories::format_when_empty, AfterSignal::status_clean);
}

ExitStatus run_server(const ServerOptions& options) {
  return load_and_run({{}, options.config, options.overrides}, options.log, Directories::must_be_formatted,
                      options.after_signal);
}

}  // namespace highwater::node
