#include "machines/configs/resource_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "machines/configs/alter_op.h"
#include "machines/configs/config_table.h"
#include "machines/configs/declared_order.h"
#include "machines/configs/java_order.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

using Kind = ConfigProblem::Kind;
using Outcome = Result<void, ConfigProblem>;

Outcome problem(Kind kind, std::string text) { return std::unexpected(ConfigProblem{kind, std::move(text)}); }

struct Bound {
  std::string_view key;
  std::string_view lowest;   // broker key, or empty
  std::string_view highest;  // broker key
  bool only_when_set = false;
};

// In the order in which Kafka looks at them.
constexpr Bound group_bounds[] = {
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
     "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"},
    {"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
     "group.consumer.max.assignment.interval.ms", true},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
     "group.share.max.record.lock.duration.ms"},
    {"share.delivery.count.limit", "group.share.min.delivery.count.limit", "group.share.max.delivery.count.limit"},
    {"share.partition.max.record.locks", "group.share.min.partition.max.record.locks",
     "group.share.max.partition.max.record.locks"},
    {"share.assignment.interval.ms", "group.share.min.assignment.interval.ms", "group.share.max.assignment.interval.ms",
     true},
    {"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
     "group.streams.max.heartbeat.interval.ms"},
    {"streams.session.timeout.ms", "group.streams.min.session.timeout.ms", "group.streams.max.session.timeout.ms"},
    {"streams.num.standby.replicas", "", "group.streams.max.standby.replicas"},
    {"streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms",
     "group.streams.max.assignment.interval.ms", true},
};

class GroupReader {
 public:
  GroupReader(const ConfigMap& broker, const ConfigMap& own)
      : broker_(Scope::broker, broker), own_(Scope::group, own) {}

  bool is_set(std::string_view key) const { return own_.is_set(key); }
  std::int64_t value(std::string_view key) const {
    const auto synonyms = broker_synonyms(key);
    if (own_.is_set(key) || synonyms.empty()) return own_.integer(key);
    return broker_.integer(synonyms.front().broker_key);
  }
  std::int64_t of_broker(std::string_view key) const { return broker_.integer(key); }

 private:
  ConfigReader broker_;
  ConfigReader own_;
};

// `held`: the names as Kafka's map of them yields them.
Outcome check_names_and_values(Scope scope, const ConfigMap& configs, const std::vector<std::string_view>& held,
                               const ConfigProblem& unknown) {
  for (const std::string_view name : held)
    if (find_config(scope, name) == nullptr) return problem(unknown.kind, unknown.text + std::string(name));
  for (const auto at : in_declared_order(scope, configs))
    if (auto checked = check_value(*find_config(scope, at->first), at->second); !checked)
      return problem(Kind::config, checked.error().text);
  return {};
}

// Whether Java's Pattern could compile it: brackets that close, nothing to repeat missing, no lone backslash.
bool looks_like_pattern(std::string_view text) {
  int open = 0;
  bool in_class = false;
  char before = '(';
  for (std::size_t i = 0; i < text.size(); before = text[i], ++i) {
    const char c = text[i];
    if (c == '\\' && ++i == text.size()) return false;
    if (c == '\\') continue;
    if (in_class) {
      in_class = c != ']';
      continue;
    }
    if (c == '[') in_class = true;
    if (c == '(') ++open;
    if (c == ')' && --open < 0) return false;
    const bool repeats = c == '*' || c == '+' || (c == '?' && !(i > 0 && text[i - 1] == '('));
    if (repeats && (before == '(' || before == '|') && !(c == '?' && before == '(' && i > 0)) return false;
  }
  return open == 0 && !in_class;
}

bool is_match(std::string_view item) {
  constexpr std::array<std::string_view, 6> parameters = {"client_instance_id",    "client_id",
                                                          "client_software_name",  "client_software_version",
                                                          "client_source_address", "client_source_port"};
  const std::size_t equals = item.find('=');
  if (equals == std::string_view::npos) return false;
  std::string_view value = item.substr(equals + 1);
  while (value.ends_with('=')) value.remove_suffix(1);  // as Java's split drops empty ends
  if (value.empty() || value.find('=') != std::string_view::npos) return false;
  return std::ranges::find(parameters, trim(item.substr(0, equals))) != parameters.end() &&
         looks_like_pattern(trim(value));
}

}  // namespace

Outcome validate_group_configs(const ConfigMap& broker, const ConfigMap& configs) {
  // Kafka fills its map with what the broker has for groups and then with the group's own.
  std::vector<std::string_view> names;
  for (const ConfigKey& key : config_keys(Scope::group)) names.push_back(key.name);
  for (const auto& [name, value] : configs)
    if (find_config(Scope::group, name) == nullptr) names.push_back(name);
  const auto held = java_order(std::move(names), 2 * java_capacity);
  auto checked = check_names_and_values(Scope::group, configs, held, {Kind::config, "Unknown group config name: "});
  if (!checked) return checked;
  const GroupReader group(broker, configs);
  for (const Bound& bound : group_bounds) {
    if (bound.only_when_set && !group.is_set(bound.key)) continue;
    const std::int64_t value = group.value(bound.key);
    if (!bound.lowest.empty() && value < group.of_broker(bound.lowest))
      return problem(Kind::config, fmt::format("{} must be greater than or equal to {}", bound.key, bound.lowest));
    if (value > group.of_broker(bound.highest))
      return problem(Kind::config, fmt::format("{} must be less than or equal to {}", bound.key, bound.highest));
  }
  for (const std::string_view kind : {"consumer", "share", "streams"}) {
    const std::string session = fmt::format("{}.session.timeout.ms", kind);
    const std::string heartbeat = fmt::format("{}.heartbeat.interval.ms", kind);
    if (group.value(session) <= group.value(heartbeat))
      return problem(Kind::config, fmt::format("{} must be greater than {}", session, heartbeat));
  }
  return {};
}

Outcome validate_client_metrics(const ConfigMap& configs) {
  auto checked = check_names_and_values(Scope::client_metrics, configs, java_order(configs),
                                        {Kind::request, "Unknown client metrics configuration: "});
  if (!checked) return checked;
  const ConfigReader config(Scope::client_metrics, configs);
  if (const std::int64_t interval = config.integer("interval.ms");
      config.is_set("interval.ms") && (interval < 100 || interval > 3'600'000))
    return problem(
        Kind::request,
        fmt::format("Invalid value {} for interval.ms, interval must be between 100 and 3600000 (1 hour)", interval));
  for (const std::string& item : config.list("match"))
    if (!is_match(item)) return problem(Kind::config, "Illegal client matching pattern: " + item);
  return {};
}

}  // namespace highwater::configs
