#include "runner/shrink.h"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "world/run.h"

namespace highwater::sim {

namespace {

constexpr std::int64_t shortest_seconds = 4;

struct Trial {
  std::string complaint;             // who complains: "acked", "crash"...; empty: nobody
  std::string sentence;              // what it says
  std::vector<std::string> strikes;  // a line per strike that was carried out: "number seconds what"
};

std::uint64_t number_of(const std::string& strike) { return std::stoull(strike); }

// The second word of a violation is its checker.
std::string checker_of(const std::string& violation) {
  const std::size_t begin = std::min(violation.find(' '), violation.size() - 1) + 1;
  return violation.substr(begin, violation.find(':', begin) - begin);
}

void report(int to, const Scenario& scenario, const RunOptions& options, std::uint64_t seed) {
  const RunResult result = run_seed(scenario, seed, options);
  std::string text;
  for (const std::string& strike : result.strikes) text += "strike " + strike + "\n";
  if (!result.violations.empty()) text += "violation " + result.violations.front() + "\n";
  text += "end\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t wrote = write(to, text.data() + at, text.size() - at);
    if (wrote <= 0) break;
    at += static_cast<std::size_t>(wrote);
  }
}

class Shrinker {
 public:
  Shrinker(Scenario scenario, const ShrinkOptions& options) : scenario_(std::move(scenario)), options_(options) {}
  int run();

 private:
  Trial attempt(const Scenario& scenario, const std::set<std::uint64_t>& kept);
  // Takes the smaller world when the same checker still complains.
  bool accept(const Scenario& scenario, const std::set<std::uint64_t>& kept);
  void shorten();
  void drop_rules();
  void drop_strikes();
  void drop_numbers();
  void print() const;

  Scenario scenario_;
  ShrinkOptions options_;
  std::set<std::uint64_t> kept_;  // strikes
  Trial last_;
  std::uint64_t trials_ = 0;
};

Trial Shrinker::attempt(const Scenario& scenario, const std::set<std::uint64_t>& kept) {
  ++trials_;
  Trial trial;
  std::array<int, 2> ends;
  if (pipe(ends.data()) != 0) return trial;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    RunOptions options;
    if (!kept.empty()) options.only_strikes = kept;
    report(ends[1], scenario, options, options_.seed);
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.starts_with("strike ")) trial.strikes.push_back(line.substr(7));
    if (line.starts_with("violation ")) trial.sentence = line.substr(10);
    at = end + 1;
  }
  if (!text.ends_with("end\n")) {
    trial.complaint = "crash";
  } else if (!trial.sentence.empty()) {
    trial.complaint = checker_of(trial.sentence);
  }
  return trial;
}

bool Shrinker::accept(const Scenario& scenario, const std::set<std::uint64_t>& kept) {
  if (trials_ >= options_.trials_max) return false;
  Trial trial = attempt(scenario, kept);
  if (trial.complaint != last_.complaint) return false;
  scenario_ = scenario;
  kept_ = kept;
  // A crash does not tell its strikes.
  if (!trial.strikes.empty()) last_ = std::move(trial);
  return true;
}

void Shrinker::shorten() {
  std::int64_t too_short = shortest_seconds - 1;
  std::int64_t enough = scenario_.seconds.high;
  while (too_short + 1 < enough) {
    const std::int64_t middle = (too_short + enough) / 2;
    Scenario shorter = scenario_;
    shorter.seconds = {middle, middle};
    if (accept(shorter, kept_)) {
      enough = middle;
    } else {
      too_short = middle;
    }
  }
}

void Shrinker::drop_rules() {
  for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
    if (scenario_.faults[i].off) continue;
    Scenario fewer = scenario_;
    fewer.faults[i].off = true;
    accept(fewer, kept_);
  }
}

// Delta debugging: larger pieces first.
void Shrinker::drop_strikes() {
  if (kept_.empty()) {
    for (const std::string& strike : last_.strikes) kept_.insert(number_of(strike));
  }
  for (std::size_t piece = std::max<std::size_t>(kept_.size() / 2, 1);; piece /= 2) {
    std::vector<std::uint64_t> numbers(kept_.begin(), kept_.end());
    for (std::size_t at = 0; at < numbers.size(); at += piece) {
      std::set<std::uint64_t> fewer = kept_;
      for (std::size_t i = at; i < std::min(at + piece, numbers.size()); ++i) fewer.erase(numbers[i]);
      if (!fewer.empty() && fewer.size() < kept_.size()) accept(scenario_, fewer);
    }
    if (piece == 1) return;
  }
}

void Shrinker::drop_numbers() {
  constexpr std::array<std::string_view, 3> kept_as_they_are = {"seconds", "value_bytes", "pause"};
  constexpr std::array<std::string_view, 6> at_least_one = {"nodes",  "cores",      "clients",
                                                            "topics", "partitions", "log_dirs"};
  const auto is_in = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::size_t i = 0; i < scenario_range_count; ++i) {
    const std::string_view name = ranges_of(scenario_)[i].first;
    if (is_in(kept_as_they_are, name)) continue;
    const std::int64_t most = ranges_of(scenario_)[i].second->high;
    for (std::int64_t fewer = is_in(at_least_one, name) ? 1 : 0; fewer < most; ++fewer) {
      Scenario smaller = scenario_;
      *ranges_of(smaller)[i].second = {fewer, fewer};
      if (accept(smaller, kept_)) break;
    }
  }
}

void Shrinker::print() const {
  std::string numbers;
  for (const std::uint64_t number : kept_) numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", number);
  fmt::print("after {} runs, {} strikes are left:\n", trials_, kept_.size());
  for (const std::string& strike : last_.strikes) fmt::print("  {}\n", strike);
  fmt::print("{}\n", last_.sentence.empty() ? "it crashes" : last_.sentence);
  const std::size_t slash = options_.scenario_path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : options_.scenario_path.substr(0, slash);
  fmt::print("highwater_sim --scenarios {} --scenario {} --seed {}{}{}\n", folder, scenario_.name, options_.seed,
             numbers.empty() ? "" : " --strikes ", numbers);
}

int Shrinker::run() {
  last_ = attempt(scenario_, {});
  if (last_.complaint.empty()) {
    fmt::print("seed {} of {} is well: nothing to shrink\n", options_.seed, scenario_.name);
    return 0;
  }
  shorten();
  drop_rules();
  drop_strikes();
  drop_numbers();
  drop_strikes();
  const std::size_t slash = options_.scenario_path.rfind('/');
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  scenario_.name = options_.scenario_path.substr(begin, options_.scenario_path.rfind('.') - begin);
  std::ofstream file(options_.scenario_path);
  file << scenario_text(scenario_);
  print();
  return 1;
}

}  // namespace

int shrink(Scenario scenario, const ShrinkOptions& options) { return Shrinker(std::move(scenario), options).run(); }

}  // namespace highwater::sim
