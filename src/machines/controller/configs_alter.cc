// AlterConfigs and IncrementalAlterConfigs, from the request to the records. Kafka: ConfigurationControlManager.
#include <fmt/core.h>

#include <map>

#include "machines/configs/alter_op.h"
#include "machines/configs/config_table.h"
#include "machines/configs/java_order.h"
#include "machines/controller/configs_change.h"
#include "machines/controller/limits.h"
#include "machines/controller/refusals.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using configs::AlterOp;
using messages::AlterConfigsRequest;
using messages::AlterConfigsResponse;
using messages::IncrementalAlterConfigsRequest;
using messages::IncrementalAlterConfigsResponse;
using metadata::ResourceType;

// Null when a list of that key cannot be grown or shortened: only topics and brokers have such lists.
const configs::ConfigKey* find_list(ResourceType type, std::string_view name) {
  if (type != ResourceType::topic && type != ResourceType::broker) return nullptr;
  const auto scope = type == ResourceType::topic ? configs::Scope::topic : configs::Scope::broker;
  const configs::ConfigKey* key = configs::find_config(scope, name);
  return key != nullptr && key->name == name && key->type == configs::ValueType::list ? key : nullptr;
}

std::string changed_list(const configs::ConfigKey& key, const std::string* current, AlterOp op,
                         std::string_view items) {
  std::string_view list;
  if (current != nullptr) {
    list = *current;
  } else if (key.default_text != nullptr) {
    list = key.default_text;
  }
  return op == AlterOp::append ? configs::list_with(list, items) : configs::list_without(list, items);
}

// The keys that a request names for one resource, in the order in which Kafka's map of them yields them. Of a key that
// stands twice the last one counts.
template <class Config>
std::vector<const Config*> in_map_order(const std::vector<Config>& configs) {
  std::vector<std::string_view> names;
  std::map<std::string_view, const Config*> last;
  for (const Config& config : configs) {
    const auto [place, fresh] = last.insert_or_assign(config.name.view(), &config);
    if (fresh) names.push_back(place->first);
  }
  std::vector<const Config*> ordered;
  for (const std::string_view name : configs::java_order(std::move(names))) ordered.push_back(last.at(name));
  return ordered;
}

template <class Resource, class Response>
void tell(const Resource& resource, ErrorCode error, std::optional<std::string> why, Response& answer) {
  auto& result = answer.responses.emplace_back();
  result.error_code = api::wire_code(error);
  result.error_message.reset();
  if (why) result.error_message = *why;
  result.resource_type = resource.resource_type;
  result.resource_name = resource.resource_name.owned();
}

template <class Request, class Response>
void finish(const Request& request, Decision<Response>& decision) {
  if (decision.records.size() > records_per_operation_max) {
    decision.answer = refused<Response>(
        request, {ErrorCode::policy_violation, "Unable to perform excessively large batch operation."});
    decision.records.clear();
  }
  if (request.validate_only) decision.records.clear();
}

}  // namespace

void Controller::ConfigChange::set(std::string_view key, std::optional<std::string> value) {
  const auto current = before->find(key);
  const bool same = current == before->end() ? !value : value == current->second;
  // Brokers hear of values that stay as well: a file that they name may have changed.
  if (same && !of_broker()) return;
  if (value) {
    after[std::string(key)] = *value;
  } else if (const auto found = after.find(key); found != after.end()) {
    after.erase(found);
  }
  steps.push_back({std::string(key), std::move(value)});
}

std::optional<Refusal> Controller::ConfigChange::alter(std::string_view key, std::int8_t operation,
                                                       std::optional<std::string_view> value) {
  const Refusal unreadable = {ErrorCode::unknown_server_error, std::nullopt};
  const auto op = configs::alter_op(operation);
  if (!op) return unreadable;
  if (*op == AlterOp::set || *op == AlterOp::remove) {
    set(key, *op == AlterOp::set && value ? std::optional(std::string(*value)) : std::nullopt);
    return std::nullopt;
  }
  const configs::ConfigKey* list = find_list(type, key);
  if (list == nullptr) {
    return Refusal{ErrorCode::invalid_config,
                   fmt::format("Can't {} to key {} because its type is not LIST.", alter_op_name(*op), key)};
  }
  if (!value) return unreadable;
  const auto current = before->find(list->name);
  set(list->name, changed_list(*list, current == before->end() ? nullptr : &current->second, *op, *value));
  return std::nullopt;
}

void Controller::ConfigChange::write(metadata::Records& records) const {
  for (const Step& step : steps) {
    messages::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(type);
    record.resource_name = name;
    record.name = step.key;
    record.value.reset();
    if (step.value) record.value = *step.value;
    records.push_back({std::move(record), 0});
  }
}

Controller::ConfigChange Controller::config_change(std::int8_t type, std::string_view name) const {
  ConfigChange change;
  change.type = static_cast<ResourceType>(type);
  change.name = std::string(name);
  change.before = &image_->configs(change.type, name);
  change.after = *change.before;
  return change;
}

void Controller::clear_elr_as_needed(metadata::Records& records) const {
  if (!elr_enabled()) return;
  metadata::Records clears;
  for (const metadata::MetadataRecord& record : records) {
    const auto* config = std::get_if<messages::ConfigRecord>(&record.value);
    if (config == nullptr || config->name != "min.insync.replicas") continue;
    messages::ClearElrRecord clear;
    if (static_cast<ResourceType>(config->resource_type) == ResourceType::topic)
      clear.topic_name = config->resource_name;
    clears.push_back({std::move(clear), 0});
  }
  for (metadata::MetadataRecord& clear : clears) records.push_back(std::move(clear));
}

Decision<IncrementalAlterConfigsResponse> Controller::alter_configs(
    const IncrementalAlterConfigsRequest& request) const {
  Decision<IncrementalAlterConfigsResponse> decision;
  for (const auto& resource : request.resources) {
    ConfigChange change = config_change(resource.resource_type, resource.resource_name.view());
    std::optional<Refusal> refusal;
    for (const auto* config : in_map_order(resource.configs)) {
      const auto value = config->value ? std::optional(config->value->view()) : std::nullopt;
      refusal = change.alter(config->name.view(), config->config_operation, value);
      if (refusal) break;
    }
    if (refusal && refusal->error == ErrorCode::unknown_server_error) {
      decision.records.clear();
      decision.answer = refused<IncrementalAlterConfigsResponse>(request, *refusal);
      return decision;
    }
    if (!refusal) refusal = check_change(change);
    if (!refusal) change.write(decision.records);
    tell(resource, refusal ? refusal->error : ErrorCode::none, refusal ? std::move(refusal->message) : std::nullopt,
         decision.answer);
  }
  clear_elr_as_needed(decision.records);
  finish(request, decision);
  return decision;
}

Decision<AlterConfigsResponse> Controller::alter_configs(const AlterConfigsRequest& request) const {
  Decision<AlterConfigsResponse> decision;
  for (const auto& resource : request.resources) {
    ConfigChange change = config_change(resource.resource_type, resource.resource_name.view());
    configs::ConfigMap gone = *change.before;
    for (const auto* config : in_map_order(resource.configs)) {
      change.set(config->name.view(), config->value ? std::optional(config->value->str()) : std::nullopt);
      if (const auto found = gone.find(config->name.view()); found != gone.end()) gone.erase(found);
    }
    for (const auto& [key, value] : gone) change.set(key, std::nullopt);
    auto refusal = check_change(change);
    if (!refusal) change.write(decision.records);
    tell(resource, refusal ? refusal->error : ErrorCode::none, refusal ? std::move(refusal->message) : std::nullopt,
         decision.answer);
  }
  clear_elr_as_needed(decision.records);
  finish(request, decision);
  return decision;
}

}  // namespace highwater::controller
