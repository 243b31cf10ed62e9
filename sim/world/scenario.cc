#include "world/scenario.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace highwater::sim {

namespace {

constexpr std::array<std::string_view, fault_kind_count> fault_names = {
    "kill",       "kill_step", "stop",  "power",      "reset",   "cut",         "slow_disk", "full_disk",
    "disk_error", "clock",     "pause", "read_error", "bit_rot", "client_kill", "dir_error"};
constexpr std::array<std::string_view, checker_count> checker_names = {"acked",   "dense",    "order",    "duplicates",
                                                                       "refused", "metadata", "answered", "files"};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

// A number with an optional unit of time: us, ms, s give microseconds.
std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  if (unit.empty() || unit == "us") return value;
  if (unit == "ms") return value * 1'000;
  if (unit == "s") return value * 1'000'000;
  return std::nullopt;
}

std::optional<Range> range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto low = number(text.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : number(text.substr(dots + 2));
  if (!low.has_value() || !high.has_value() || *low > *high) return std::nullopt;
  return Range{*low, *high};
}

template <class Names>
std::optional<std::size_t> index_of(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

// fault KIND every RANGE [for RANGE] [amount RANGE]
bool take_fault(const std::vector<std::string_view>& words, Scenario& scenario) {
  if (words.size() < 4) return false;
  const auto kind = index_of(fault_names, words[1]);
  if (!kind.has_value()) return false;
  FaultRule rule{.kind = static_cast<FaultKind>(*kind)};
  rule.off = words.back() == "off";
  const std::size_t count = words.size() - (rule.off ? 1 : 0);
  for (std::size_t i = 2; i + 1 < count; i += 2) {
    const auto value = range(words[i + 1]);
    if (!value.has_value()) return false;
    if (words[i] == "every") {
      rule.every_us = *value;
    } else if (words[i] == "for") {
      rule.for_us = *value;
    } else if (words[i] == "amount") {
      rule.amount = *value;
    } else {
      return false;
    }
  }
  scenario.faults.push_back(rule);
  return count % 2 == 0 && rule.every_us.low > 0;
}

bool take_checkers(const std::vector<std::string_view>& words, Scenario& scenario) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto checker = index_of(checker_names, words[i]);
    if (!checker.has_value()) return false;
    scenario.checkers.push_back(static_cast<Checker>(*checker));
  }
  return words.size() > 1;
}

// setting KEY RANGE
bool take_setting(const std::vector<std::string_view>& words, Scenario& scenario) {
  if (words.size() != 3) return false;
  const auto value = range(words[2]);
  if (value.has_value()) scenario.settings.emplace_back(words[1], *value);
  return value.has_value();
}

bool take_line(const std::vector<std::string_view>& words, Scenario& scenario) {
  if (words[0] == "fault") return take_fault(words, scenario);
  if (words[0] == "check") return take_checkers(words, scenario);
  if (words[0] == "setting") return take_setting(words, scenario);
  if (words.size() != 2) return false;
  if (words[0] == "codecs") {
    scenario.codecs = words[1] == "none" ? Scenario::Codecs::none : Scenario::Codecs::all;
    return words[1] == "none" || words[1] == "all";
  }
  if (words[0] == "durability") {
    scenario.durability = words[1];
    return words[1] == "fsync" || words[1] == "page-cache";
  }
  const auto value = range(words[1]);
  for (const auto& [name, target] : ranges_of(scenario)) {
    if (name != words[0] || !value.has_value()) continue;
    *target = *value;
    return true;
  }
  return false;
}

}  // namespace

NamedRanges ranges_of(Scenario& scenario) {
  return {{{"seconds", &scenario.seconds},
           {"nodes", &scenario.nodes},
           {"cores", &scenario.cores},
           {"clients", &scenario.clients},
           {"topics", &scenario.topics},
           {"partitions", &scenario.partitions},
           {"value_bytes", &scenario.value_bytes},
           {"pause", &scenario.pause_us},
           {"administrators", &scenario.administrators},
           {"recreators", &scenario.recreators},
           {"limiters", &scenario.limiters},
           {"trimmers", &scenario.trimmers},
           {"mortals", &scenario.mortals},
           {"log_dirs", &scenario.log_dirs},
           {"movers", &scenario.movers}}};
}

std::string_view fault_name(FaultKind kind) { return fault_names[static_cast<std::size_t>(kind)]; }

std::string_view checker_name(Checker checker) { return checker_names[static_cast<std::size_t>(checker)]; }

bool Scenario::checks(Checker checker) const {
  return std::find(checkers.begin(), checkers.end(), checker) != checkers.end();
}

std::string scenario_text(const Scenario& scenario) {
  const auto text_of = [](const Range& range) { return fmt::format("{}..{}", range.low, range.high); };
  std::string text = fmt::format("durability {}\n", scenario.durability);
  if (scenario.codecs == Scenario::Codecs::none) text += "codecs none\n";
  Scenario copy = scenario;
  for (const auto& [name, range] : ranges_of(copy)) text += fmt::format("{} {}\n", name, text_of(*range));
  for (const auto& [key, range] : scenario.settings) text += fmt::format("setting {} {}\n", key, text_of(range));
  for (const FaultRule& rule : scenario.faults) {
    text += fmt::format("fault {} every {} for {} amount {}{}\n", fault_name(rule.kind), text_of(rule.every_us),
                        text_of(rule.for_us), text_of(rule.amount), rule.off ? " off" : "");
  }
  if (!scenario.checkers.empty()) text += "check";
  for (const Checker checker : scenario.checkers) text += fmt::format(" {}", checker_name(checker));
  return text + "\n";
}

Result<Scenario> parse_scenario(std::string name, std::string_view text) {
  Scenario scenario{.name = std::move(name)};
  std::size_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string_view> words = words_of(text.substr(0, end));
    if (!words.empty() && !take_line(words, scenario)) {
      return failure(
          fmt::format("scenario {}, line {}: not understood: {}", scenario.name, line_number, text.substr(0, end)));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scenario;
}

}  // namespace highwater::sim
