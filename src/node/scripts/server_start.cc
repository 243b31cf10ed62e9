#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "node/process/run_node.h"
#include "node/scripts/kafka_scripts.h"

namespace highwater::node {
namespace {

constexpr int error = static_cast<int>(ExitStatus::error);

constexpr std::string_view options_text =
    "Option              Description\n"
    "------              -----------\n"
    "--override <String> Optional property that should override values set in\n"
    "                      server.properties (e.g. Key=value)\n"
    "--version           Print version information and exit.\n";

int usage(std::string_view sentence) {
  fmt::print(stderr, "{}\n{}", sentence, options_text);
  return error;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// As kafka-run-class: $LOG_DIR, or `logs` beside the folder of the program.
std::string console_file(const std::string& program) {
  const char* log_dir = std::getenv("LOG_DIR");
  const std::string folder = log_dir != nullptr && *log_dir != '\0' ? log_dir : folder_of(program) + "/../logs";
  mkdir(folder.c_str(), 0777);  // open() below tells what is wrong
  return folder + "/kafkaServer.out";
}

enum class Side : std::uint8_t { caller, daemon, failed };

// Before any thread exists. The caller goes back to its shell, the daemon goes on without a terminal.
Side become_daemon(const std::string& console) {
  const int output = open(console.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (output < 0 || input < 0) {
    fmt::print(stderr, "kafka-server-start: {} cannot be written: set LOG_DIR to a folder that can\n", console);
    return Side::failed;
  }
  const pid_t child = fork();
  if (child != 0) return child > 0 ? Side::caller : Side::failed;
  setsid();
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  return Side::daemon;
}

struct Parsed {
  ServerOptions options;
  std::string problem;
};

Parsed parse(const std::vector<std::string>& arguments) {
  Parsed parsed;
  parsed.options.config = arguments.front();
  parsed.options.after_signal = AfterSignal::status_of_java;
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    const std::string& word = arguments[at];
    if (word.starts_with("--override=")) {
      parsed.options.overrides.push_back(word.substr(word.find('=') + 1));
    } else if (word == "--override") {
      if (++at == arguments.size()) {
        parsed.problem = "Option override requires an argument";
        return parsed;
      }
      parsed.options.overrides.push_back(arguments[at]);
    } else {
      parsed.problem = word.starts_with("-")
                           ? fmt::format("{} is not a recognized option", word.substr(word.find_first_not_of('-')))
                           : fmt::format("Found non argument parameters: {}", word);
      return parsed;
    }
  }
  return parsed;
}

bool holds(const std::vector<std::string>& arguments, std::string_view word) {
  return std::ranges::find(arguments, word) != arguments.end();
}

}  // namespace

int run_server_start(const std::string& program, std::vector<std::string> arguments) {
  if (arguments.empty()) {
    fmt::print("USAGE: {} [-daemon] server.properties [--override property=value]*\n", program);
    return error;
  }
  const bool as_daemon = arguments.front() == "-daemon";
  if (as_daemon) {
    arguments.erase(arguments.begin());
    switch (become_daemon(console_file(program))) {
      case Side::caller:
        return 0;
      case Side::failed:
        return error;
      case Side::daemon:
        break;
    }
  }
  if (arguments.empty() || holds(arguments, "--help"))
    return usage(fmt::format("USAGE: {} [-daemon] server.properties [--override property=value]*", program));
  if (holds(arguments, "--version")) {
    fmt::print("4.3 (Highwater {})\n", HIGHWATER_VERSION);
    return 0;
  }
  const Parsed parsed = parse(arguments);
  if (!parsed.problem.empty()) return usage(parsed.problem);
  const ExitStatus status = run_server(parsed.options);
  return status == ExitStatus::bad_configuration ? error : static_cast<int>(status);
}

}  // namespace highwater::node
