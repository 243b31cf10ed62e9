#include "machines/configs/dynamic_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "machines/configs/config_table.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

constexpr std::string_view listener_prefix = "listener.name.";
constexpr std::string_view connection_overrides = "max.connections.per.ip.overrides";

// From half to twice of what there is: pools grow and shrink in such steps.
constexpr std::string_view pools[] = {"background.threads",
                                      "num.io.threads",
                                      "num.network.threads",
                                      "num.recovery.threads.per.data.dir",
                                      "num.replica.fetchers",
                                      "remote.log.manager.copier.thread.pool.size",
                                      "remote.log.manager.expiration.thread.pool.size",
                                      "remote.log.manager.follower.thread.pool.size",
                                      "remote.log.reader.threads"};

Result<void> check_pool(std::string_view name, std::int64_t before, std::int64_t after) {
  if (before == after) return {};
  const std::string what = fmt::format("Dynamic thread count update validation failed for {}={}", name, after);
  if (after <= 0) return failure(what + ", value should be at least 1");
  if (after < before / 2)
    return failure(fmt::format("{}, value should be at least half the current value {}", what, before));
  if (after > before * 2)
    return failure(fmt::format("{}, value should not be greater than double the current value {}", what, before));
  return {};
}

Result<void> check_cleaners(std::int64_t before, std::int64_t after) {
  if (after < 1) return failure("Log cleaner threads should be at least 1");
  if (after < before / 2)
    return failure(fmt::format("Log cleaner threads cannot be reduced to less than half the current value {}", before));
  if (after > before * 2)
    return failure(
        fmt::format("Log cleaner threads cannot be increased to more than double the current value {}", before));
  return {};
}

struct LocalRetention {
  std::string_view key;
  std::int64_t local;
  std::string_view whole_key;
  std::int64_t whole;
};

Result<void> check_local(const LocalRetention& retention) {
  const auto& [key, local, whole_key, whole] = retention;
  if (whole < 0 || local == -2) return {};
  if (local == -1)
    return failure(fmt::format("Invalid value {} for configuration {}: Value must not be -1 as {} value is set as {}.",
                               local, key, whole_key, whole));
  if (local > whole)
    return failure(
        fmt::format("Invalid value {} for configuration {}: Value must not be more than {} property value: {}", local,
                    key, whole_key, whole));
  return {};
}

Result<void> check_retention(const BrokerSettings& settings) {
  const TopicSettings& topic = settings.topic_defaults;
  auto checked =
      check_local({"log.local.retention.ms", topic.local_retention_ms, "log.retention.ms", topic.retention_ms});
  if (!checked) return checked;
  return check_local(
      {"log.local.retention.bytes", topic.local_retention_bytes, "log.retention.bytes", topic.retention_bytes});
}

bool changed(const BrokerStep& step, std::string_view name) {
  const auto value = [&](const ConfigMap& map) {
    const auto found = map.find(name);
    return found == map.end() ? std::optional<std::string_view>() : std::optional<std::string_view>(found->second);
  };
  return value(step.before) != value(step.after);
}

// A listener's own limit, or else that of the broker, is at least 1.
Result<void> check_listener_limits(const ConfigMap& after, const BrokerSettings& settings) {
  const ConfigReader config(Scope::broker, after);
  for (const Endpoint& listener : settings.listeners) {
    std::string lower = listener.name;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
    for (const std::string_view key : {"max.connections", "max.connection.creation.rate"}) {
      const std::string own = fmt::format("{}{}.{}", listener_prefix, lower, key);
      const std::int64_t limit = config.integer(config.is_set(own) ? std::string_view(own) : key);
      if (limit <= 0) return failure(fmt::format("Invalid {} {}", key, limit));
    }
  }
  return {};
}

}  // namespace

Result<void> check_reachable(const BrokerStep& step, const BrokerSettings& settings) {
  if (step.before == step.after) return {};
  const ConfigReader before(Scope::broker, step.before), after(Scope::broker, step.after);
  if (changed(step, "metric.reporters") &&
      after.text("metric.reporters") != "org.apache.kafka.common.metrics.JmxReporter")
    return failure(
        "Validation of dynamic config update of Set(metric.reporters) failed with class class "
        "kafka.server.DynamicMetricsReporters");
  for (const std::string_view pool : pools)
    if (auto checked = check_pool(pool, before.integer(pool), after.integer(pool)); !checked) return checked;
  if (auto checked = check_retention(settings); !checked) return checked;
  if (auto checked = check_listener_limits(step.after, settings); !checked) return checked;
  // Without a compactor nobody asks how its threads grow.
  if (!before.boolean("log.cleaner.enable") || !changed(step, "log.cleaner.threads")) return {};
  return check_cleaners(before.integer("log.cleaner.threads"), after.integer("log.cleaner.threads"));
}

Result<void> check_connection_overrides(const ConfigMap& effective) {
  const auto found = effective.find(connection_overrides);
  if (found == effective.end() || found->second.empty()) return {};
  std::vector<std::string> items = parse_list(found->second);
  while (!items.empty() && items.back().empty()) items.pop_back();  // as String.split does
  for (const std::string& item : items) {
    const std::size_t colon = item.rfind(':');
    if (colon == std::string::npos)  // in the words of String.substring
      return failure(fmt::format("Error parsing configuration property '{}': begin 0, end -1, length {}",
                                 connection_overrides, item.size()));
    const std::string_view count = trim(std::string_view(item).substr(colon + 1));
    const auto number = parse_integer(count);
    if (!number || *number < INT32_MIN || *number > INT32_MAX)
      return failure(fmt::format("For input string: \"{}\"", count));
    const std::string_view host = trim(std::string_view(item).substr(0, colon));
    const auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
             c == '%' || c == '_' || c == ':';
    };
    if (!std::ranges::all_of(host, fits))
      return failure(fmt::format("{} contains invalid addresses : {}", connection_overrides, host));
  }
  return {};
}

}  // namespace highwater::configs
