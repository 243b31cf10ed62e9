#include <dirent.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "machines/configs/values.h"
#include "node/config/load.h"
#include "node/exit_status.h"
#include "node/scripts/kafka_scripts.h"

namespace highwater::node {
namespace {

constexpr int error = static_cast<int>(ExitStatus::error);

// A running `highwater server` or kafka-server-start.
struct RunningServer {
  pid_t pid = 0;
  std::string config;
  std::vector<std::string> overrides;
};

std::vector<std::string> words_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool is_program(const std::string& path) { return path.substr(path.rfind('/') + 1) == "highwater"; }

std::optional<RunningServer> as_server(pid_t pid) {
  const std::vector<std::string> words = words_of(pid);
  if (words.empty()) return std::nullopt;
  const bool by_script = script_called(words.front()) == Script::server_start;
  if (!by_script && !(is_program(words.front()) && words.size() > 1 && words[1] == "server")) return std::nullopt;
  RunningServer server;
  server.pid = pid;
  for (std::size_t at = by_script ? 1 : 2; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--override" && at + 1 < words.size()) {
      server.overrides.push_back(words[++at]);
    } else if (word.starts_with("--override=")) {
      server.overrides.push_back(word.substr(word.find('=') + 1));
    } else if (word == "--log-format" || word == "--log-level") {
      ++at;
    } else if (!word.starts_with("-")) {
      server.config = word;
    }
  }
  if (!server.config.empty() && server.config.front() != '/')
    server.config = fmt::format("/proc/{}/cwd/{}", pid, server.config);
  return server;
}

std::vector<RunningServer> running_servers() {
  std::vector<RunningServer> servers;
  DIR* processes = opendir("/proc");
  if (processes == nullptr) return servers;
  while (const dirent* entry = readdir(processes)) {
    pid_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, pid).ptr != end || pid == getpid()) continue;
    if (auto server = as_server(pid)) servers.push_back(std::move(*server));
  }
  closedir(processes);
  std::ranges::sort(servers, {}, &RunningServer::pid);
  return servers;
}

// $SIGNAL of the environment, as the script has it: a name with or without SIG, or a number.
int signal_to_send() {
  const char* asked = std::getenv("SIGNAL");
  const std::string_view name = asked == nullptr || *asked == '\0' ? "TERM" : asked;
  constexpr std::array<std::pair<std::string_view, int>, 5> names = {
      {{"TERM", SIGTERM}, {"INT", SIGINT}, {"KILL", SIGKILL}, {"HUP", SIGHUP}, {"QUIT", SIGQUIT}}};
  for (const auto& [known, number] : names)
    if (name == known || name == fmt::format("SIG{}", known) || name == std::to_string(number)) return number;
  return 0;
}

// The value after the last `--name=`.
std::string value_of(const std::vector<std::string>& arguments, std::string_view name) {
  for (const std::string& word : arguments)
    if (word.starts_with(name)) return word.substr(name.size());
  return {};
}

std::string value_in(const RunningServer& server, const configs::ConfigMap& values, std::string_view key) {
  for (const std::string& entry : server.overrides)
    if (entry.starts_with(fmt::format("{}=", key))) return entry.substr(key.size() + 1);
  const auto found = values.find(std::string(key));
  return found == values.end() ? std::string() : std::string(configs::trim(found->second));
}

int stop(const RunningServer& server, int number) {
  if (kill(server.pid, number) == 0 || errno == ESRCH) return 0;
  fmt::print(stderr, "kafka-server-stop: ({}) - {}\n", server.pid, std::strerror(errno));
  return error;
}

}  // namespace

Script script_called(std::string_view program) {
  std::string_view name = program.substr(program.rfind('/') + 1);
  if (name.ends_with(".sh")) name.remove_suffix(3);
  if (name == "kafka-server-start") return Script::server_start;
  if (name == "kafka-server-stop") return Script::server_stop;
  return name == "kafka-storage" ? Script::storage : Script::none;
}

int run_server_stop(const std::vector<std::string>& arguments) {
  const std::string role = value_of(arguments, "--process-role=");
  const std::string node = value_of(arguments, "--node-id=");
  if (!role.empty() && !node.empty())
    fmt::print("When both node-id and process-role are provided, the value for node-id will take precedence\n");
  const int number = signal_to_send();
  if (number == 0) {
    fmt::print(stderr, "kafka-server-stop: SIGNAL={} is no signal: use TERM, INT, KILL, HUP or QUIT\n",
               std::getenv("SIGNAL"));
    return error;
  }
  const std::vector<RunningServer> servers = running_servers();
  if (servers.empty()) {
    fmt::print("No kafka server to stop\n");
    return error;
  }
  int status = 0;
  for (const RunningServer& server : servers) {
    if (role.empty() && node.empty()) {
      status = std::max(status, stop(server, number));
      continue;
    }
    const auto values = read_config_file(server.config);
    if (!values) {
      if (kill(server.pid, 0) != 0 && errno == ESRCH) continue;  // ended since, and its file went with it
      fmt::print(
          "Can not find the configuration file in the current directory. Please make sure the kafka stop process and "
          "the start process are called in the same directory.\n");
      status = error;  // the script would leave the others alone
      continue;
    }
    const bool wanted = node.empty() ? value_in(server, *values, "process.roles") == role
                                     : value_in(server, *values, "node.id") == node;
    if (wanted) status = std::max(status, stop(server, number));
  }
  return status;
}

}  // namespace highwater::node
