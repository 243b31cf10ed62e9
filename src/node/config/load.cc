#include "node/config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "foundation/base/properties.h"
#include "foundation/base/utf8.h"
#include "machines/configs/config_table.h"
#include "machines/configs/values.h"
#include "machines/configs/waiting.h"
#include "node/config/absolute_path.h"
#include "node/config/host_names.h"
#include "node/config/providers.h"
#include "node/config/text_file.h"

namespace highwater::node {
namespace {

// Keys of plug-ins that Apache Kafka passes on under a prefix.
constexpr std::array<std::string_view, 5> plugin_prefixes = {"rsm.config.", "rlmm.config.", "config.providers.",
                                                             "metrics.context.", "listener.name."};

// Keys that Kafka does not know itself and its authorizer does.
constexpr std::array<std::string_view, 2> authorizer_keys = {"super.users", "allow.everyone.if.no.acl.found"};

std::string unknown_sentence(const std::string& name) {
  const std::string_view nearest = configs::nearest_config(configs::Scope::broker, name);
  if (nearest.empty()) return fmt::format("Configuration '{}' is not known and has no effect.", name);
  return fmt::format("Configuration '{}' is not known and has no effect; did you mean '{}'?", name, nearest);
}

bool names_other_reporters(std::string_view value) {
  return std::ranges::any_of(configs::parse_list(value), [](const std::string& reporter) {
    return !reporter.empty() && reporter != "org.apache.kafka.common.metrics.JmxReporter";
  });
}

Result<configs::ConfigMap> read_properties(const std::string& path) {
  auto text = read_text_file(path);
  if (!text) return std::unexpected(text.error());
  auto properties = parse_properties(*text);
  if (!properties) return failure(fmt::format("{}, {}", path, properties.error().text));
  return properties;
}

Result<void> apply_overrides(configs::ConfigMap& values, const std::vector<std::string>& overrides) {
  for (const std::string& entry : overrides) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0)
      return failure(fmt::format("--override {} is not of the form key=value", entry));
    values[std::string(configs::trim(std::string_view(entry).substr(0, equals)))] = entry.substr(equals + 1);
  }
  return {};
}

// Files are made UTF-8 or refused; arguments and the environment come as they are.
Result<void> check_text(const configs::ConfigMap& values) {
  for (const auto& [name, value] : values)
    if (!is_utf8(name) || !is_utf8(value))
      return failure(fmt::format("configuration {} is not UTF-8: write --override and environment variables in it",
                                 is_utf8(name) ? name : "of an --override"));
  return {};
}

// One directory may be written twice in the same way, not in two ways (LogManager.createAndValidateLogDirs).
Result<void> make_directories_absolute(configs::BrokerSettings& settings) {
  const std::string here = working_directory();
  std::vector<std::string> written, paths;
  for (const std::string& directory : settings.log_dirs) {
    if (std::ranges::find(written, directory) != written.end()) continue;
    written.push_back(directory);
    paths.push_back(absolute_path(directory, here));
    if (std::ranges::find(paths, paths.back()) != paths.end() - 1)
      return failure(fmt::format("Duplicate log directory found: log.dirs names {} twice, take one out", paths.back()));
  }
  settings.log_dirs = std::move(paths);
  settings.metadata_log_dir = absolute_path(settings.metadata_log_dir, here);
  return {};
}

Result<void> check_hosts(const configs::BrokerSettings& settings) {
  constexpr std::string_view key = "max.connections.per.ip.overrides";
  const auto found = settings.text.find(key);
  if (found == settings.text.end()) return {};
  for (const std::string& entry : configs::parse_list(found->second)) {
    const std::string host(configs::trim(std::string_view(entry).substr(0, entry.rfind(':'))));
    if (host.empty()) continue;
    if (auto known = check_host(host); !known)
      return failure(
          fmt::format("Invalid value {} for configuration {}: {}: {}", found->second, key, host, known.error().text));
  }
  return {};
}

}  // namespace

Result<configs::ConfigMap> read_config_file(const std::string& path) {
  auto read = read_properties(path);
  if (!read) return read;
  return resolve_references(std::move(*read));
}

bool is_plugin_key(std::string_view name) {
  return std::ranges::find(authorizer_keys, name) != authorizer_keys.end() ||
         std::ranges::any_of(plugin_prefixes, [name](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<std::string> config_warnings(const configs::ConfigMap& values) {
  std::vector<std::string> warnings;
  for (const auto& [name, value] : values) {
    const configs::ConfigKey* key = configs::find_config(configs::Scope::broker, name);
    if (key == nullptr) {
      warnings.push_back(is_plugin_key(name)
                             ? fmt::format("Configuration '{}' is for a plug-in and has no effect yet.", name)
                             : unknown_sentence(name));
      continue;
    }
    if (name == "metric.reporters" && names_other_reporters(value))
      warnings.push_back(fmt::format(
          "Configuration '{}' is set to '{}': classes of Java are not loaded, so nothing is reported to them.", name,
          value));
    if (key->support != configs::Support::not_yet || configs::is_default(*key, value)) continue;
    warnings.push_back(fmt::format("Configuration '{}' is set to '{}', but this version does not act on it yet.", name,
                                   key->sensitive() ? "[hidden]" : value));
  }
  return warnings;
}

Result<LoadedConfig> load_config(const ConfigSources& sources) {
  configs::ConfigMap given;
  if (!sources.file.empty()) {
    auto read = read_properties(sources.file);
    if (!read) return std::unexpected(read.error());
    given = std::move(*read);
  }
  if (auto applied = apply_overrides(given, sources.overrides); !applied) return std::unexpected(applied.error());
  auto resolved = resolve_references(std::move(given));
  if (!resolved) return std::unexpected(resolved.error());
  if (auto checked = check_text(*resolved); !checked) return std::unexpected(checked.error());

  LoadedConfig loaded;
  loaded.warnings = config_warnings(*resolved);
  configs::ConfigMap text = sources.preset;
  for (auto& [name, value] : *resolved) text.insert_or_assign(name, std::move(value));
  auto settings = configs::resolve_broker_settings(std::move(text));
  if (!settings)
    return failure(sources.file.empty() ? settings.error().text
                                        : fmt::format("{}: {}", sources.file, settings.error().text));
  loaded.settings = std::move(*settings);
  // Whoever brings no file tries the node out and relies on no default.
  if (const configs::TopicSettings& topics = loaded.settings.topic_defaults;
      !sources.file.empty() && (topics.retention_ms >= 0 || topics.retention_bytes >= 0))
    loaded.warnings.push_back(
        "Retention is not built yet: logs only grow, also where log.retention.* is set or stands at its default.");
  std::string own_name;
  for (configs::Endpoint& endpoint : loaded.settings.advertised_listeners) {
    if (!endpoint.host.empty()) continue;
    if (own_name.empty()) own_name = canonical_host_name();
    endpoint.host = own_name;
  }
  return loaded;
}

Result<void> fit_to_machine(configs::BrokerSettings& settings) {
  if (auto made = make_directories_absolute(settings); !made) return made;
  return check_hosts(settings);
}

configs::ConfigMap dev_preset(const std::string& data, std::uint16_t port) {
  const int controller_port = port == 0 ? 0 : port == 65535 ? 65534 : port + 1;
  return {{"process.roles", "broker,controller"},
          {"node.id", "1"},
          {"listeners", fmt::format("PLAINTEXT://:{},CONTROLLER://localhost:{}", port, controller_port)},
          {"advertised.listeners", fmt::format("PLAINTEXT://localhost:{}", port)},
          {"controller.listener.names", "CONTROLLER"},
          {"controller.quorum.bootstrap.servers", fmt::format("localhost:{}", controller_port)},
          {"log.dirs", data},
          {"offsets.topic.replication.factor", "1"},
          {"transaction.state.log.replication.factor", "1"},
          {"transaction.state.log.min.isr", "1"},
          {"share.coordinator.state.topic.replication.factor", "1"},
          {"share.coordinator.state.topic.min.isr", "1"},
          {"group.initial.rebalance.delay.ms", "0"}};
}

}  // namespace highwater::node
