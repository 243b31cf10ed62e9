#include "node/format/format_verb.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "engine/quorum/format.h"
#include "engine/quorum/meta_properties.h"
#include "foundation/base/check.h"
#include "foundation/base/uuid.h"
#include "io/linux/linux_reactor.h"
#include "machines/configs/values.h"
#include "node/config/load.h"
#include "node/format/scram_arguments.h"
#include "node/format/voter_arguments.h"

namespace highwater::node {
namespace {

ExitStatus refuse(ExitStatus status, std::string_view sentence) {
  fmt::print(stderr, "{}\n", sentence);
  return status;
}

Random kernel_random() {
  std::uint64_t seed = 0;
  HW_CHECK(getrandom(&seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed));
  return Random(seed);
}

Result<std::map<std::string, std::int16_t>> feature_levels(const std::vector<std::string>& features) {
  std::map<std::string, std::int16_t> levels;
  for (const std::string& feature : features) {
    const std::size_t equals = feature.find('=');
    if (equals == std::string::npos)
      return failure(fmt::format("Can't parse feature=level string {}: equals sign not found.", feature));
    const auto level = configs::parse_integer(std::string_view(feature).substr(equals + 1));
    if (!level || *level < INT16_MIN || *level > INT16_MAX)
      return failure(fmt::format("Can't parse feature=level string {}: unable to parse {} as a short.", feature,
                                 configs::trim(std::string_view(feature).substr(equals + 1))));
    levels[std::string(configs::trim(std::string_view(feature).substr(0, equals)))] = static_cast<std::int16_t>(*level);
  }
  return levels;
}

const configs::Endpoint* controller_endpoint(const configs::BrokerSettings& settings) {
  const auto found = std::ranges::find_if(settings.advertised_listeners, [&](const configs::Endpoint& endpoint) {
    return settings.is_controller_listener(endpoint.name);
  });
  return found == settings.advertised_listeners.end() ? nullptr : &*found;
}

// The rules of kafka-storage about who votes first.
Result<void> check_voters(const FormatArguments& arguments, const configs::BrokerSettings& settings) {
  const bool static_voters = !settings.quorum.voters.empty();
  if (static_voters && (arguments.standalone || !arguments.initial_controllers.empty()))
    return failure(
        "You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. "
        "If you want to use dynamic quorum, please remove controller.quorum.voters and specify "
        "controller.quorum.bootstrap.servers instead.");
  if (arguments.standalone && !settings.is_controller) return failure("You can only use --standalone on a controller.");
  if (!arguments.no_initial_controllers && settings.is_controller && !static_voters && !arguments.standalone &&
      arguments.initial_controllers.empty())
    return failure(
        "Because controller.quorum.voters is not set on this controller, you must specify one of the following: "
        "--standalone, --initial-controllers, or --no-initial-controllers.");
  return {};
}

io::Task<void> format(io::Reactor& reactor, engine::FormatOptions options,
                      std::optional<Result<std::vector<std::string>>>& outcome) {
  auto lines = co_await engine::format_directories(reactor, std::move(options));
  outcome.emplace(std::move(lines));
}

// To read_log_directories a directory that is not there is an empty one; a person who looks wants to know.
io::Task<void> read_directories(io::Reactor& reactor, std::vector<std::string> paths,
                                std::optional<std::vector<engine::LogDirectory>>& outcome) {
  auto directories = co_await engine::read_log_directories(reactor.files(), paths);
  for (engine::LogDirectory& directory : directories) {
    auto listed = co_await reactor.files().list(directory.path);
    if (listed) continue;
    directory.state = engine::DirectoryState::unreadable;
    directory.problem = directory.path + (listed.error() == io::IoError::not_found ? " does not exist"
                                          : listed.error() == io::IoError::not_directory
                                              ? " is not a directory"
                                              : fmt::format(": {}", io::io_error_text(listed.error())));
  }
  outcome.emplace(std::move(directories));
}

constexpr Duration verb_time_max = Duration::from_seconds(600);

std::string listed(const engine::MetaProperties& properties) {
  Properties sorted = properties.others;
  sorted["version"] = std::to_string(properties.version);
  if (properties.cluster_id) sorted["cluster.id"] = *properties.cluster_id;
  if (properties.node_id) sorted["node.id"] = std::to_string(*properties.node_id);
  if (properties.directory_id) sorted["directory.id"] = properties.directory_id->to_text();
  std::string text;
  for (const auto& [key, value] : sorted) text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  return fmt::format("{{{}}}", text);
}

struct Findings {
  std::vector<std::string> found;
  std::vector<std::string> problems;
  const engine::MetaProperties* metadata = nullptr;
};

Findings look_at(const std::vector<engine::LogDirectory>& directories) {
  Findings findings;
  for (const engine::LogDirectory& directory : directories) {
    switch (directory.state) {
      case engine::DirectoryState::unreadable:
        findings.problems.push_back(directory.problem);
        continue;
      case engine::DirectoryState::empty:
        findings.found.push_back(directory.path);
        findings.problems.push_back(fmt::format("{} is not formatted.", directory.path));
        continue;
      case engine::DirectoryState::formatted:
        findings.found.push_back(directory.path);
        break;
    }
    if (findings.metadata == nullptr) {
      findings.metadata = &directory.properties;
    } else if (findings.metadata->cluster_id != directory.properties.cluster_id) {
      findings.problems.emplace_back("Mismatched cluster IDs between storage directories.");
    } else if (findings.metadata->node_id != directory.properties.node_id) {
      findings.problems.emplace_back("Mismatched node IDs between storage directories.");
    }
  }
  return findings;
}

void print_list(std::string_view one, std::string_view several, const std::vector<std::string>& items) {
  if (items.empty()) return;
  fmt::print("{}\n", items.size() == 1 ? one : several);
  for (const std::string& item : items) fmt::print("  {}\n", item);
  fmt::print("\n");
}

}  // namespace

std::vector<std::string> all_directories(const configs::BrokerSettings& settings) {
  std::set<std::string> directories(settings.log_dirs.begin(), settings.log_dirs.end());
  if (!settings.metadata_log_dir.empty()) directories.insert(settings.metadata_log_dir);
  return {directories.begin(), directories.end()};
}

engine::FormatOptions standalone_format(const configs::BrokerSettings& settings, std::string cluster_id) {
  engine::FormatOptions options;
  options.cluster_id = std::move(cluster_id);
  options.node_id = settings.node_id;
  options.directories = all_directories(settings);
  options.metadata_directory = settings.metadata_log_dir;
  if (const configs::Endpoint* endpoint = controller_endpoint(settings); endpoint != nullptr)
    options.standalone_voter =
        engine::VoterEndpoint{endpoint->name, endpoint->host.empty() ? "localhost" : endpoint->host, endpoint->port};
  return options;
}

namespace {

// What the arguments add to what the settings say.
Result<engine::FormatOptions> format_options(const FormatArguments& arguments,
                                             const configs::BrokerSettings& settings) {
  auto levels = feature_levels(arguments.features);
  if (!levels) return std::unexpected(levels.error());
  if (auto checked = check_voters(arguments, settings); !checked) return std::unexpected(checked.error());
  engine::FormatOptions options = standalone_format(settings, arguments.cluster_id);
  if (!arguments.standalone) options.standalone_voter.reset();
  options.dynamic_quorum = settings.quorum.voters.empty();
  if (!arguments.initial_controllers.empty()) {
    auto voters = parse_initial_controllers(arguments.initial_controllers, settings.controller_listener_names.front());
    if (!voters) return std::unexpected(voters.error());
    options.initial_voters = std::move(*voters);
  }
  Random random = kernel_random();
  auto credentials = parse_scram_arguments(arguments.credentials, random);
  if (!credentials) return std::unexpected(credentials.error());
  options.credentials = std::move(*credentials);
  if (!arguments.release_version.empty()) options.release_version = arguments.release_version;
  options.feature_levels = std::move(*levels);
  if (arguments.ignore_formatted) options.already_formatted = engine::AlreadyFormatted::leave;
  return options;
}

}  // namespace

ExitStatus run_format(const FormatArguments& arguments) {
  const auto loaded = load_config({{}, arguments.config, {}});
  if (!loaded) return refuse(arguments.bad_configuration, loaded.error().text);
  const configs::BrokerSettings& settings = loaded->settings;
  auto options = format_options(arguments, settings);
  if (!options) return refuse(ExitStatus::error, options.error().text);

  auto reactor = io::make_linux_reactor({});
  if (!reactor) return refuse(ExitStatus::error, reactor.error().text);
  std::optional<Result<std::vector<std::string>>> outcome;
  io::TaskGroup tasks((*reactor)->ready());
  tasks.spawn(format(**reactor, std::move(*options), outcome));
  (*reactor)->run_until([&outcome] { return outcome.has_value(); }, verb_time_max);
  if (!outcome) return refuse(ExitStatus::error, "formatting took longer than ten minutes and was given up");
  if (!*outcome) return refuse(ExitStatus::error, outcome->error().text);
  for (const std::string& line : **outcome) fmt::print("{}\n", line);
  return ExitStatus::clean;
}

ExitStatus run_info(const std::string& config) {
  const auto loaded = load_config({{}, config, {}});
  if (!loaded) return refuse(ExitStatus::error, loaded.error().text);
  auto reactor = io::make_linux_reactor({});
  if (!reactor) return refuse(ExitStatus::error, reactor.error().text);
  std::optional<std::vector<engine::LogDirectory>> outcome;
  io::TaskGroup tasks((*reactor)->ready());
  tasks.spawn(read_directories(**reactor, all_directories(loaded->settings), outcome));
  (*reactor)->run_until([&outcome] { return outcome.has_value(); }, verb_time_max);
  if (!outcome) return refuse(ExitStatus::error, "reading the directories took longer than ten minutes");
  const Findings findings = look_at(*outcome);
  print_list("Found log directory:", "Found log directories:", findings.found);
  if (findings.metadata != nullptr) fmt::print("Found metadata: {}\n\n", listed(*findings.metadata));
  print_list("Found problem:", "Found problems:", findings.problems);
  return findings.problems.empty() ? ExitStatus::clean : ExitStatus::error;
}

std::string random_uuid(Random& random) {
  for (;;) {
    const std::uint64_t high = (random.next() & 0xFFFFFFFFFFFF0FFFull) | 0x4000;
    const std::uint64_t low = (random.next() & 0x3FFFFFFFFFFFFFFFull) | 0x8000000000000000ull;
    std::string text = Uuid::from_halves(high, low).to_text();
    if (text.front() != '-') return text;
  }
}

std::string random_uuid() {
  Random random = kernel_random();
  return random_uuid(random);
}

}  // namespace highwater::node
