// The program: arguments to verbs, verbs to an exit status.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>

#include "node/format/feature_verbs.h"
#include "node/format/format_verb.h"
#include "node/init/init_verb.h"
#include "node/main/keys_verb.h"
#include "node/process/run_node.h"
#include "node/scripts/kafka_scripts.h"

namespace highwater::node {
namespace {

using Verb = std::function<ExitStatus()>;

void add_log_options(CLI::App& app, LogOptions& log) {
  const std::map<std::string, LogFormat> formats = {{"kafka", LogFormat::kafka}, {"json", LogFormat::json}};
  const std::map<std::string, LogLevel> levels = {{"trace", LogLevel::trace}, {"debug", LogLevel::debug},
                                                  {"info", LogLevel::info},   {"warn", LogLevel::warn},
                                                  {"error", LogLevel::error}, {"fatal", LogLevel::fatal}};
  app.add_option("--log-format", log.format, "kafka (default) or json")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->option_text("kafka|json");
  app.add_option("--log-level", log.threshold, "the least that is logged (info)")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case))
      ->option_text("LEVEL");
}

void add_dev(CLI::App& app, DevOptions& options, Verb& verb) {
  CLI::App* dev = app.add_subcommand("dev", "Run one node that is a whole cluster; formats its data directory itself");
  dev->add_option("--data", options.data, "Directory of the data (./highwater-data)")->option_text("DIR");
  dev->add_option("--port", options.port, "Port for clients (9092); 0 lets the system choose")->option_text("N");
  dev->add_option("--override", options.overrides, "One configuration key, as often as needed")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false);
  add_log_options(*dev, options.log);
  dev->callback([&] { verb = [&options] { return run_dev(options); }; });
}

void add_server(CLI::App& app, ServerOptions& options, Verb& verb) {
  CLI::App* server = app.add_subcommand("server", "Run a node as a server.properties file says");
  server->add_option("CONFIG", options.config, "The configuration, as Apache Kafka's server.properties")->required();
  server->add_option("--override", options.overrides, "One configuration key, as often as needed")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false);
  add_log_options(*server, options.log);
  server->callback([&] { verb = [&options] { return run_server(options); }; });
}

CLI::App* add_format_arguments(CLI::App& app, FormatArguments& arguments) {
  CLI::App* format = app.add_subcommand("format", "Make the log directories of this node ready for their first start");
  format->add_option("-t,--cluster-id", arguments.cluster_id, "The cluster ID to use")->option_text("ID");
  format->add_option("-c,--config", arguments.config, "The server.properties of the node")->option_text("FILE");
  format->add_flag("-g,--ignore-formatted", arguments.ignore_formatted, "Leave formatted directories as they are");
  format->add_option("-r,--release-version", arguments.release_version, "Release for the initial features (4.3-IV0)")
      ->option_text("VERSION");
  format->add_option("-f,--feature", arguments.features, "Level of one feature, as often as needed")
      ->option_text("NAME=LEVEL")
      ->allow_extra_args(false);
  format->add_option("-S,--add-scram", arguments.credentials, "A SCRAM credential to begin with, as often as needed")
      ->option_text("MECHANISM=[...]")
      ->allow_extra_args(false);
  CLI::Option* standalone =
      format->add_flag("-s,--standalone", arguments.standalone, "A controller that is a quorum by itself");
  CLI::Option* none = format->add_flag("-N,--no-initial-controllers", arguments.no_initial_controllers,
                                       "A node that joins a quorum that exists");
  CLI::Option* initial = format
                             ->add_option("-I,--initial-controllers", arguments.initial_controllers,
                                          "The first voters, as id@host:port:directory, separated by commas")
                             ->option_text("LIST");
  standalone->excludes(none)->excludes(initial);
  none->excludes(initial);
  return format;
}

ExitStatus print_random_uuid() {
  fmt::print("{}\n", random_uuid());
  return ExitStatus::clean;
}

ExitStatus format_or_complain(const FormatArguments& arguments) {
  if (!arguments.cluster_id.empty() && !arguments.config.empty()) return run_format(arguments);
  fmt::print(stderr,
             "highwater format needs a cluster ID and a configuration: highwater format -t ID -c FILE --standalone "
             "(highwater format --random-uuid prints an ID)\n");
  return ExitStatus::error;
}

struct StorageArguments {
  FormatArguments format;
  std::string info_config;
  std::string release_version;
  std::vector<std::string> features;
};

void add_storage(CLI::App& app, StorageArguments& arguments, Verb& verb) {
  CLI::App* storage = app.add_subcommand("storage", "The verbs of kafka-storage");
  storage->require_subcommand(1);
  arguments.format.bad_configuration = ExitStatus::error;
  add_format_arguments(*storage, arguments.format)->callback([&] {
    verb = [&arguments] { return format_or_complain(arguments.format); };
  });
  CLI::App* info = storage->add_subcommand("info", "Tell what the log directories of this node are");
  info->add_option("-c,--config", arguments.info_config, "The server.properties of the node")
      ->option_text("FILE")
      ->required();
  info->callback([&] { verb = [&arguments] { return run_info(arguments.info_config); }; });
  storage->add_subcommand("random-uuid", "Print a random UUID")->callback([&verb] { verb = print_random_uuid; });
  CLI::App* mapping = storage->add_subcommand("version-mapping", "Tell the features of a release");
  mapping->add_option("-r,--release-version", arguments.release_version, "The release (4.3-IV0)")
      ->option_text("VERSION");
  mapping->callback([&] { verb = [&arguments] { return run_version_mapping(arguments.release_version); }; });
  CLI::App* dependencies = storage->add_subcommand("feature-dependencies", "Tell what a feature level needs");
  dependencies->add_option("-f,--feature", arguments.features, "Feature and level, as often as needed")
      ->option_text("NAME=LEVEL")
      ->allow_extra_args(false)
      ->required();
  dependencies->callback([&] { verb = [&arguments] { return run_feature_dependencies(arguments.features); }; });
}

void add_init(CLI::App& app, InitArguments& arguments, Verb& verb) {
  CLI::App* init = app.add_subcommand("init", "Tell what happens to the keys and directories of an Apache Kafka node");
  init->add_option("--from", arguments.from, "The server.properties of the node")->option_text("FILE")->required();
  init->add_option("--data", arguments.data, "A log directory instead of log.dirs, as often as needed")
      ->option_text("DIR")
      ->allow_extra_args(false);
  init->callback([&] { verb = [&arguments] { return run_init(arguments); }; });
}

// `-t=ID` is -t ID, as argparse4j reads it; CLI11 would take `=ID` for the value.
std::vector<std::string> without_short_equals(const std::vector<std::string>& arguments) {
  constexpr std::string_view letters = "tcrfSI";
  std::vector<std::string> result;
  for (const std::string& word : arguments) {
    const bool joined = word.size() >= 3 && word[0] == '-' && word[2] == '=' && letters.contains(word[1]);
    result.push_back(joined ? word.substr(0, 2) + word.substr(3) : word);
    if (joined && word.size() == 3) result.emplace_back();
  }
  return result;
}

int run(std::vector<std::string> arguments) {
  CLI::App app("Highwater: a log server that speaks Kafka 4.3", "highwater");
  app.set_version_flag("--version", std::string("highwater ") + HIGHWATER_VERSION + " (Kafka 4.3)");
  app.require_subcommand(1);
  Verb verb;
  DevOptions dev;
  ServerOptions server;
  FormatArguments format;
  StorageArguments storage;
  InitArguments init;
  bool uuid_asked = false;
  add_dev(app, dev, verb);
  add_server(app, server, verb);
  CLI::App* format_verb = add_format_arguments(app, format);
  format_verb->add_flag("--random-uuid", uuid_asked, "Print an ID for a new cluster, and do nothing else");
  format_verb->callback([&] { verb = [&] { return uuid_asked ? print_random_uuid() : format_or_complain(format); }; });
  add_storage(app, storage, verb);
  add_init(app, init, verb);
  app.add_subcommand("keys", "Tell every configuration key, as Markdown")->callback([&verb] { verb = run_keys; });
  try {
    arguments = without_short_equals(arguments);
    std::ranges::reverse(arguments);  // as CLI11 takes them
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::error);
  }
  return static_cast<int>(verb());
}

}  // namespace
}  // namespace highwater::node

int main(int argc, char** argv) {
  using namespace highwater::node;
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  switch (argc == 0 ? Script::none : script_called(argv[0])) {
    case Script::server_start:
      return run_server_start(argv[0], std::move(arguments));
    case Script::server_stop:
      return run_server_stop(arguments);
    case Script::storage:
      arguments.insert(arguments.begin(), "storage");
      return run(std::move(arguments));
    case Script::none:
      break;
  }
  return run(std::move(arguments));
}
