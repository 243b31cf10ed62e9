// highwater_sim: runs one seed in this process, or many in processes of their own (sim/README.md).
#include <fmt/core.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "foundation/base/planted.h"
#include "runner/many.h"
#include "runner/shrink.h"
#include "world/run.h"

namespace highwater::sim {

namespace {

struct Arguments {
  std::string scenarios = "sim/scenarios";
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t filler = 0;
  std::string trace;
  bool verbose = false;
  bool shrink = false;
  std::vector<std::uint64_t> strikes;
  bool twice = false;
  ManyOptions many;
};

class StderrLog : public LogSink {
 public:
  LogLevel threshold() const override { return LogLevel::info; }
  void write(const LogLine& line) override { fmt::print(stderr, "{} {} {}\n", line.context, line.logger, line.text); }
};

// Another heap for the second run of a seed: whatever depends on addresses or on old memory shows in the hash.
class HeapFiller {
 public:
  explicit HeapFiller(std::uint64_t seed) {
    if (seed == 0) return;
    Random random(seed);
    for (int i = 0; i < 20'000; ++i) {
      blocks_.push_back(std::make_unique<std::string>(16 + random.below(3'000), static_cast<char>(random.next())));
    }
    for (std::size_t i = 0; i < blocks_.size(); i += 1 + random.below(3)) blocks_[i].reset();
  }

 private:
  std::vector<std::unique_ptr<std::string>> blocks_;
};

Result<Scenario> load_scenario(const std::string& folder, const std::string& name) {
  std::ifstream file(folder + "/" + name + ".scn");
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return failure(fmt::format("{}/{}.scn cannot be read", folder, name));
  return parse_scenario(name, text.str());
}

int run_one(const Arguments& arguments) {
  const auto scenario = load_scenario(arguments.scenarios, arguments.scenario);
  if (!scenario.has_value()) {
    fmt::print(stderr, "{}\n", scenario.error().text);
    return 2;
  }
  if (arguments.shrink) {
    return shrink(*scenario, {.seed = arguments.seed, .scenario_path = "build/shrunk.scn"});
  }
  const HeapFiller filler(arguments.filler);
  StderrLog log;
  RunOptions options;
  if (arguments.verbose) options.log = &log;
  options.trace_path = arguments.trace;
  if (!arguments.strikes.empty()) options.only_strikes.emplace(arguments.strikes.begin(), arguments.strikes.end());
  const auto begin = std::chrono::steady_clock::now();
  const RunResult result = run_seed(*scenario, arguments.seed, std::move(options));
  const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  for (const std::string& violation : result.violations) fmt::print("violation {}\n", violation);
  fmt::print(
      "seed {} scenario {} hash {:016x} acknowledged {} simulated_ms {} wall_ms {} speed {}x events {} faults {} "
      "starts {} void {} violations {} | {}\n",
      arguments.seed, scenario->name, result.trace_hash, result.acknowledged, result.simulated_ms, wall.count(),
      result.simulated_ms / std::max<std::int64_t>(wall.count(), 1), result.events, result.faults, result.node_starts,
      result.is_void() ? 1 : 0, result.violations.size(), result.drawn);
  return result.violations.empty() ? 0 : 1;
}

bool plant(const std::string& name) {
#ifdef HIGHWATER_PLANTS
  planted_bug = name;
  return true;
#else
  return name.empty();
#endif
}

int run(int argc, char** argv) {
  CLI::App app("The deterministic simulator of Highwater");
  Arguments arguments;
  app.add_option("--scenarios", arguments.scenarios, "folder of *.scn files");
  app.add_option("--scenario", arguments.scenario, "one of them, or several between commas; without it all, in turn");
  auto* seed = app.add_option("--seed", arguments.seed, "run this seed here");
  app.add_option("--seeds", arguments.many.count, "run so many seeds, each in a process of its own");
  app.add_option("--first", arguments.many.first, "the first of them");
  app.add_option("--jobs", arguments.many.jobs, "processes at a time");
  app.add_flag("--twice", arguments.twice, "run each seed again with another heap and layout, compare hashes");
  app.add_option("--twice-in", arguments.many.twice_in, "the same for one of so many seeds, chosen by its number");
  app.add_flag("--until-violation", arguments.many.until_violation, "stop at the first seed with a violation");
  app.add_option("--ledger", arguments.many.ledger, "append the totals to this file");
  app.add_option("--commit", arguments.many.commit, "what the ledger calls this tree");
  app.add_option("--filler", arguments.filler, "fill the heap by this number first");
  app.add_option("--trace", arguments.trace, "write every happening to this file");
  app.add_option("--plant", arguments.many.plant, "a bug to have; only in a tree built with HIGHWATER_PLANTS");
  app.add_option("--strikes", arguments.strikes, "of the faults only these, by number")->delimiter(',');
  app.add_flag("--shrink", arguments.shrink, "make a failing seed small, write build/shrunk.scn");
  app.add_flag("--verbose", arguments.verbose, "print the logs of the nodes");
  CLI11_PARSE(app, argc, argv);
  if (arguments.twice) arguments.many.twice_in = 1;
  if (!plant(arguments.many.plant)) {
    fmt::print(stderr, "this tree was built without HIGHWATER_PLANTS\n");
    return 2;
  }
  arguments.many.program = argv[0];
  arguments.many.scenarios = arguments.scenarios;
  arguments.many.scenario = arguments.scenario;
  if (seed->count() == 0) return run_many(arguments.many);
  if (arguments.scenario.empty() || arguments.scenario.contains(','))
    arguments.scenario = scenario_of(arguments.many, arguments.seed);
  return run_one(arguments);
}

}  // namespace

}  // namespace highwater::sim

int main(int argc, char** argv) {
  // Large blocks (a zstd window) come and go with every batch: out of the heap they cost a third of the time less than
  // as mappings of their own.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  return highwater::sim::run(argc, argv);
}
