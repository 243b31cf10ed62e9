#include "runner/many.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <map>
#include <vector>

#include "foundation/base/random.h"
#include "runner/ledger.h"

namespace highwater::sim {

namespace {

struct Child {
  std::uint64_t seed = 0;
  bool second = false;
  int output = -1;
  std::string text;
};

struct Seen {
  std::string hash;
  std::uint64_t acknowledged = 0;
  std::uint64_t simulated_ms = 0;
  bool is_void = false;
  std::uint64_t violations = 0;
};

std::vector<std::string> scenario_names(const ManyOptions& options) {
  std::vector<std::string> names;
  for (std::string_view rest = options.scenario; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!names.empty()) return names;
  for (const auto& entry : std::filesystem::directory_iterator(options.scenarios)) {
    if (entry.path().extension() == ".scn") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string_view field(std::string_view text, std::string_view name) {
  const std::string wanted = " " + std::string(name) + " ";
  const std::size_t at = text.rfind(wanted);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + wanted.size());
  return rest.substr(0, rest.find_first_of(" \n"));
}

std::uint64_t number(std::string_view text, std::string_view name) {
  const std::string_view digits = field(text, name);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// Chosen by the seed's number, but not by its last digits: scenarios take turns by those.
bool runs_twice(const ManyOptions& options, std::uint64_t seed) {
  return options.twice_in > 0 && Random(seed).below(options.twice_in) == 0;
}

class Many {
 public:
  explicit Many(const ManyOptions& options) : options_(options) {}
  int run();

 private:
  pid_t spawn(std::uint64_t seed, bool second);
  void collect();
  void finish(const Child& child, int status);
  void report(const Child& child, const Seen& seen, int status);

  const ManyOptions& options_;
  std::map<pid_t, Child> children_;
  std::map<std::uint64_t, std::string> hashes_;
  LedgerLine totals_;
  bool stopped_ = false;
};

pid_t Many::spawn(std::uint64_t seed, bool second) {
  std::array<int, 2> pipe_ends;
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 2);
  std::vector<std::string> words = {
      options_.program, "--scenarios",       options_.scenarios, "--scenario", scenario_of(options_, seed),
      "--seed",         std::to_string(seed)};
  if (second) {
    words.push_back("--filler");
    words.push_back(std::to_string(seed * 7 + 1));
  }
  if (!options_.plant.empty()) {
    words.push_back("--plant");
    words.push_back(options_.plant);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // Fresh memory has other bytes in it in each of the two runs; the address layout is another one by itself.
  std::string perturb = second ? "MALLOC_PERTURB_=165" : "MALLOC_PERTURB_=0";
  std::array<char*, 2> environment = {perturb.data(), nullptr};
  pid_t pid = -1;
  if (posix_spawn(&pid, options_.program.c_str(), &actions, nullptr, arguments.data(), environment.data()) != 0) {
    pid = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  children_[pid] = {.seed = seed, .second = second, .output = pipe_ends[0], .text = {}};
  return pid;
}

void Many::collect() {
  int status = 0;
  const pid_t pid = waitpid(-1, &status, 0);
  const auto found = children_.find(pid);
  if (found == children_.end()) return;
  Child child = std::move(found->second);
  children_.erase(found);
  // A child says little: all of it fits into the pipe.
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = read(child.output, buffer.data(), buffer.size())) > 0;) {
    child.text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(child.output);
  finish(child, status);
}

void Many::finish(const Child& child, int status) {
  Seen seen{.hash = std::string(field(child.text, "hash")),
            .acknowledged = number(child.text, "acknowledged"),
            .simulated_ms = number(child.text, "simulated_ms"),
            .is_void = number(child.text, "void") != 0,
            .violations = number(child.text, "violations")};
  const bool crashed = !WIFEXITED(status) || seen.hash.empty();
  if (crashed) seen.violations = 1;
  if (child.second) {
    if (seen.hash == hashes_[child.seed]) {
      ++totals_.twice;
    } else {
      ++totals_.violations;
      fmt::print("seed {}: the second run has another hash: {} and {}\n", child.seed, hashes_[child.seed], seen.hash);
    }
    return;
  }
  report(child, seen, status);
  hashes_[child.seed] = seen.hash;
  totals_.violations += seen.violations;
  if (seen.violations > 0 && options_.until_violation) stopped_ = true;
  if (seen.is_void) {
    ++totals_.void_seeds;
    return;
  }
  ++totals_.seeds;
  totals_.acknowledged += seen.acknowledged;
  totals_.simulated_ms += seen.simulated_ms;
}

void Many::report(const Child& child, const Seen& seen, int status) {
  if (seen.hash.empty()) fmt::print("seed {} ended with status {}:\n", child.seed, status);
  fmt::print("{}", child.text);
  std::fflush(stdout);
}

int Many::run() {
  const auto begin = std::chrono::steady_clock::now();
  // A second run begins when the first one has its hash.
  std::vector<std::uint64_t> seconds;
  std::uint64_t next = options_.first;
  const std::uint64_t end = options_.first + options_.count;
  std::uint64_t second = options_.first;
  while (!stopped_ || !children_.empty()) {
    while (!stopped_ && children_.size() < options_.jobs) {
      if (options_.twice_in > 0 && second < next && hashes_.contains(second)) {
        if (!hashes_[second].empty() && runs_twice(options_, second)) spawn(second, true);
        ++second;
      } else if (next < end) {
        spawn(next++, false);
      } else {
        break;
      }
    }
    if (children_.empty()) break;
    collect();
  }
  totals_.wall_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count());
  totals_.twice_in = options_.twice_in;
  totals_.commit = options_.commit;
  totals_.scenarios = options_.scenario.empty() ? "all" : options_.scenario;
  fmt::print("{}\n", ledger_text(totals_));
  fmt::print("simulated seconds per wall second: {}\n",
             totals_.simulated_ms / std::max<std::uint64_t>(totals_.wall_ms, 1));
  if (!options_.ledger.empty()) {
    const Result<void> appended = append_to_ledger(options_.ledger, totals_);
    if (!appended.has_value()) fmt::print(stderr, "{}\n", appended.error().text);
  }
  return totals_.violations == 0 ? 0 : 1;
}

}  // namespace

std::string scenario_of(const ManyOptions& options, std::uint64_t seed) {
  const std::vector<std::string> names = scenario_names(options);
  return names.empty() ? "" : names[seed % names.size()];
}

int run_many(const ManyOptions& options) { return Many(options).run(); }

}  // namespace highwater::sim
