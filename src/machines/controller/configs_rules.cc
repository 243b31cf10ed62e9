// What a configuration must fulfil before it is written. Kafka: ControllerConfigurationValidator and the checks of
// ConfigurationControlManager.validateAlterConfig.
#include <fmt/core.h>

#include "machines/configs/alter_op.h"
#include "machines/configs/dynamic_broker.h"
#include "machines/configs/resource_rules.h"
#include "machines/configs/values.h"
#include "machines/controller/configs_change.h"
#include "machines/controller/topic_names.h"
#include "machines/metadata/features.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using metadata::ResourceType;

constexpr std::size_t value_length_max = INT16_MAX;
constexpr std::string_view min_isr = "min.insync.replicas";
constexpr std::string_view cordoned = "cordoned.log.dirs";

// UTF-8 as the number of UTF-16 units, which is what Java counts.
std::size_t java_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) length += byte >= 0xF0 ? 2 : 1;
  }
  return length;
}

bool is_true(const configs::ConfigMap& configs, std::string_view key) {
  const auto found = configs.find(key);
  return found != configs.end() && configs::parse_boolean(found->second).value_or(false);
}

std::optional<NodeId> node_id(std::string_view text) {
  const auto number = text.find_first_of(" \t") == std::string_view::npos ? configs::parse_integer(text) : std::nullopt;
  if (!number || *number < INT32_MIN || *number > INT32_MAX) return std::nullopt;
  return static_cast<NodeId>(*number);
}

}  // namespace

void Controller::take_broker_configs() {
  broker_configs_ =
      configs::effective_broker_configs({settings_.broker_configs, image_->configs(ResourceType::broker, ""),
                                         image_->configs(ResourceType::broker, std::to_string(settings_.node))});
  topic_defaults_ = configs::topic_defaults(broker_configs_).value_or(settings_.topic_defaults);
}

std::optional<Refusal> Controller::check_step(const ConfigChange& change, std::string_view key,
                                              const std::optional<std::string>& value) const {
  if (change.of_broker() && key == min_isr && elr_enabled()) {
    if (!change.name.empty()) {
      return Refusal{ErrorCode::invalid_config,
                     "Broker-level min.insync.replicas cannot be altered while ELR is enabled."};
    }
    if (!value) {
      return Refusal{ErrorCode::invalid_config,
                     "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."};
    }
  }
  if (change.of_broker() && key == cordoned && !metadata::has_cordoned_directories(image_->metadata_version())) {
    return Refusal{ErrorCode::invalid_config,
                   "The cordoned.log.dirs configuration value cannot be set because it requires "
                   "metadata.version >= 4.3-IV0"};
  }
  if (value && java_length(*value) > value_length_max) {
    return Refusal{ErrorCode::invalid_config,
                   fmt::format("The configuration value cannot be added because it exceeds the maximum value "
                               "size of {} bytes.",
                               value_length_max)};
  }
  return std::nullopt;
}

std::optional<Refusal> Controller::check_topic_configs(const ConfigChange& change) const {
  if (change.name.empty()) return Refusal{ErrorCode::invalid_request, "Default topic resources are not allowed."};
  if (auto problem = topic_name_problem(change.name); !problem.empty()) {
    return Refusal{ErrorCode::invalid_topic_exception, std::move(problem)};
  }
  const auto valid = configs::validate_topic_configs(topic_defaults_, change.after);
  if (!valid.has_value()) return Refusal{ErrorCode::invalid_config, valid.error().text};
  constexpr std::string_view remote = "remote.storage.enable";
  if (is_true(*change.before, remote) && !is_true(change.after, remote) &&
      !is_true(change.after, "remote.log.delete.on.disable")) {
    return Refusal{ErrorCode::invalid_config,
                   "It is invalid to disable remote storage without deleting remote data. If you want to keep the "
                   "remote data and turn to read only, please set "
                   "`remote.storage.enable=true,remote.log.copy.disable=true`. If you want to disable remote storage "
                   "and delete all remote data, please set "
                   "`remote.storage.enable=false,remote.log.delete.on.disable=true`."};
  }
  return std::nullopt;
}

std::optional<Refusal> Controller::check_existence(const ConfigChange& change) const {
  if (change.type == ResourceType::topic && image_->find_topic(change.name) == nullptr) {
    return Refusal{ErrorCode::unknown_topic_or_partition, fmt::format("The topic '{}' does not exist.", change.name)};
  }
  if (!change.of_broker() || change.name.empty()) return std::nullopt;
  const auto id = node_id(change.name);
  if (!id) return Refusal{ErrorCode::invalid_request, "Unable to parse broker name as a base 10 number."};
  if (*id < 0) return Refusal{ErrorCode::invalid_request, "Invalid negative broker ID."};
  if (image_->find_broker(*id) == nullptr && image_->controllers().find(*id) == nullptr) {
    return Refusal{ErrorCode::broker_id_not_registered, fmt::format("No node with id {} found.", *id)};
  }
  return std::nullopt;
}

std::optional<Refusal> Controller::check_change(const ConfigChange& change) const {
  for (const auto& step : change.steps)
    if (auto refusal = check_step(change, step.key, step.value)) return refusal;
  configs::ConfigProblem::Kind kind{};
  std::optional<std::string> problem;
  const auto keep = [&](const Result<void, configs::ConfigProblem>& valid) {
    if (valid.has_value()) return;
    kind = valid.error().kind;
    problem = valid.error().text;
  };
  switch (change.type) {
    case ResourceType::topic:
      if (auto refusal = check_topic_configs(change)) return refusal;
      break;
    case ResourceType::group:
      if (change.name.empty()) {
        return Refusal{ErrorCode::invalid_request, "Default group resources are not allowed."};
      }
      keep(configs::validate_group_configs(broker_configs_, change.after));
      break;
    case ResourceType::client_metrics:
      if (change.name.empty()) return Refusal{ErrorCode::invalid_request, "Subscription name can't be empty"};
      keep(configs::validate_client_metrics(change.after));
      break;
    case ResourceType::broker:
      break;
    case ResourceType::broker_logger:
      return Refusal{ErrorCode::invalid_request, "Unknown resource type BROKER_LOGGER"};
  }
  if (problem) {
    const bool of_config = kind == configs::ConfigProblem::Kind::config;
    return Refusal{of_config ? ErrorCode::invalid_config : ErrorCode::invalid_request, *problem};
  }
  return check_existence(change);
}

}  // namespace highwater::controller
