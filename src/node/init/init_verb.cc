#include "node/init/init_verb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>

#include "io/linux/linux_reactor.h"
#include "machines/configs/values.h"
#include "node/config/load.h"
#include "node/init/init_directories.h"
#include "node/init/init_keys.h"

namespace highwater::node {
namespace {

constexpr Duration looking_max = Duration::from_seconds(600);

ExitStatus refuse(ExitStatus status, std::string_view sentence) {
  fmt::print(stderr, "highwater: {}\n", sentence);
  return status;
}

void print_keys(const InitArguments& arguments, const std::vector<KeyVerdict>& verdicts) {
  fmt::print("Keys of {}\n", arguments.from);
  for (const KeyVerdict& verdict : verdicts)
    fmt::print("  {:<8} {}={}{}{}\n", fate_name(verdict.fate), verdict.key, verdict.value,
               verdict.why.empty() ? "" : ": ", verdict.why);
}

void print_directories(const std::vector<DirectoryVerdict>& verdicts) {
  fmt::print("Directories\n");
  for (const DirectoryVerdict& verdict : verdicts)
    fmt::print("  {:<8} {}: {}\n", fate_name(verdict.fate), verdict.path, verdict.why);
}

// log.dirs may be readable where other keys are not: directories are told all the same.
DirectoryQuestion question_of(const InitArguments& arguments, const configs::ConfigMap& values,
                              const Result<LoadedConfig>& loaded) {
  DirectoryQuestion question;
  const auto text = [&values](const char* key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : std::string(configs::trim(found->second));
  };
  const std::string dirs = text("log.dirs").empty() ? text("log.dir") : text("log.dirs");
  const std::vector<std::string> named =
      arguments.data.empty() ? configs::parse_list(dirs.empty() ? "/tmp/kafka-logs" : dirs) : arguments.data;
  std::set<std::string> directories(named.begin(), named.end());
  std::string metadata = text("metadata.log.dir");
  if (metadata.empty() && !named.empty()) metadata = named.front();
  if (!metadata.empty()) directories.insert(metadata);
  question.directories.assign(directories.begin(), directories.end());
  if (!loaded) return question;
  question.metadata_directory = metadata;
  question.node_id = loaded->settings.node_id;
  return question;
}

io::Task<void> look(io::Reactor& reactor, DirectoryQuestion question,
                    std::optional<std::vector<DirectoryVerdict>>& outcome) {
  auto verdicts = co_await judge_directories(reactor.files(), std::move(question));
  outcome.emplace(std::move(verdicts));
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-=,:+@").contains(c);
  });
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

void print_commands(const InitArguments& arguments, const LoadedConfig& loaded,
                    const std::vector<DirectoryVerdict>& verdicts) {
  const auto any = [&verdicts](DirectoryFate fate) {
    return std::ranges::find(verdicts, fate, &DirectoryVerdict::fate) != verdicts.end();
  };
  std::string start = quoted(arguments.from);
  std::string dirs;
  for (const std::string& directory : arguments.data) dirs += (dirs.empty() ? "" : ",") + directory;
  if (!dirs.empty()) start += " --override " + quoted("log.dirs=" + dirs);
  fmt::print("The way there\n");
  if (any(DirectoryFate::in_use))
    fmt::print("  kafka-server-stop.sh --node-id={}    # Apache's: SIGTERM to the process, then wait for its end\n",
               loaded.settings.node_id);
  if (any(DirectoryFate::to_format)) {
    const bool some = any(DirectoryFate::taken_over) || any(DirectoryFate::in_use);
    fmt::print("  highwater format -t {} -c {}{}{}\n", some ? "CLUSTER_ID" : "$(highwater format --random-uuid)",
               quoted(arguments.from),
               loaded.settings.quorum.voters.empty() && loaded.settings.is_controller ? " --standalone" : "",
               some ? " --ignore-formatted    # CLUSTER_ID as told above" : "");
    if (!dirs.empty()) fmt::print("    # with log.dirs={} in the file: formatting reads nothing else\n", dirs);
  }
  fmt::print("  highwater server {}\n", start);
  fmt::print("The way back\n");
  fmt::print("  kill -TERM PID    # of highwater, then wait for its end: status 0\n");
  fmt::print("  kafka-server-start.sh {}    # Apache's, 4.3 or later\n", start);
}

ExitStatus tell(const InitArguments& arguments, const configs::ConfigMap& values) {
  const std::vector<KeyVerdict> keys = judge_keys(values);
  const bool key_refused = std::ranges::find(keys, KeyFate::refused, &KeyVerdict::fate) != keys.end();
  const Result<LoadedConfig> loaded = load_config({{}, arguments.from, {}});
  print_keys(arguments, keys);
  if (!loaded) fmt::print("  refused  {}\n", loaded.error().text);

  auto reactor = io::make_linux_reactor({});
  if (!reactor) return refuse(ExitStatus::error, reactor.error().text);
  std::optional<std::vector<DirectoryVerdict>> directories;
  io::TaskGroup tasks((*reactor)->ready());
  tasks.spawn(look(**reactor, question_of(arguments, values, loaded), directories));
  (*reactor)->run_until([&directories] { return directories.has_value(); }, looking_max);
  if (!directories) return refuse(ExitStatus::error, "reading the directories took longer than ten minutes");
  print_directories(*directories);
  if (key_refused || !loaded) return ExitStatus::bad_configuration;
  if (std::ranges::find(*directories, DirectoryFate::refused, &DirectoryVerdict::fate) != directories->end())
    return ExitStatus::error;
  print_commands(arguments, *loaded, *directories);
  fmt::print("Nothing was changed.\n");
  return ExitStatus::clean;
}

}  // namespace

ExitStatus run_init(const InitArguments& arguments) {
  const auto values = read_config_file(arguments.from);
  if (!values) return refuse(ExitStatus::bad_configuration, values.error().text);
  return tell(arguments, *values);
}

}  // namespace highwater::node
