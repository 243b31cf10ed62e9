#include "server/handlers/config_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "machines/configs/alter_op.h"
#include "machines/configs/broker_settings.h"
#include "machines/configs/dynamic_broker.h"
#include "machines/configs/values.h"
#include "machines/controller/limits.h"
#include "machines/controller/refusals.h"
#include "server/handlers/broker_names.h"
#include "server/handlers/logger_changes.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using configs::AlterOp;
using metadata::ResourceType;
using Verdict = std::optional<ChangeVerdict>;

Verdict refused(ErrorCode error, std::string why) { return ChangeVerdict{error, std::move(why)}; }
Verdict malformed(std::string why) { return refused(ErrorCode::invalid_request, std::move(why)); }

ChangeVerdict too_large() {
  const controller::Refusal why = controller::too_large_operation();
  return {why.error, why.message};
}

Verdict check_keys(const AskedChange& change, ChangeKind kind) {
  std::set<std::string_view> seen;
  for (const AskedChange::Key& key : change.keys)
    if (!seen.insert(key.name).second) return malformed("Error due to duplicate config keys");
  std::vector<std::string_view> without_value;
  for (const AskedChange::Key& key : change.keys) {
    const bool needs_none = kind == ChangeKind::incremental && configs::alter_op(key.operation) == AlterOp::remove;
    if (!key.value && !needs_none) without_value.push_back(key.name);
  }
  if (without_value.empty()) return std::nullopt;
  return malformed(fmt::format("Null value not supported for : {}", fmt::join(without_value, ", ")));
}

// The configuration that a broker, or all of them, would have.
struct Proposal {
  configs::ConfigMap configs;
  Verdict refusal;
};

Verdict change_list(const AskedChange::Key& key, AlterOp op, configs::ConfigMap& configs) {
  const configs::ConfigKey* known = configs::find_config(configs::Scope::broker, key.name);
  // Rates that no file knows are no keys here.
  if (known == nullptr || known->name != key.name || configs::is_broker_rate(key.name))
    return refused(ErrorCode::invalid_config, fmt::format("Unknown config name: {}", key.name));
  const bool append = op == AlterOp::append;
  if (known->type != configs::ValueType::list)
    return refused(ErrorCode::invalid_config, fmt::format("Config value {} is not allowed for config key: {}",
                                                          append ? "append" : "subtract", key.name));
  const auto found = configs.find(key.name);
  const char* by_default = known->default_text == nullptr ? "" : known->default_text;
  const std::string list = found == configs.end() ? std::string(by_default) : found->second;
  configs[std::string(key.name)] =
      append ? configs::list_with(list, *key.value) : configs::list_without(list, *key.value);
  return std::nullopt;
}

Proposal propose(const AskedChange& change, ChangeKind kind, configs::ConfigMap before) {
  Proposal proposal;
  if (kind == ChangeKind::whole) {
    for (const AskedChange::Key& key : change.keys) proposal.configs[std::string(key.name)] = *key.value;
    return proposal;
  }
  proposal.configs = std::move(before);
  for (const AskedChange::Key& key : change.keys)
    if (!configs::alter_op(key.operation)) {
      proposal.refusal = malformed(fmt::format("Unknown operations type {}", key.operation));
      return proposal;
    }
  for (const AskedChange::Key& key : change.keys) {
    const AlterOp op = *configs::alter_op(key.operation);
    switch (op) {
      case AlterOp::set:
        proposal.configs[std::string(key.name)] = *key.value;
        break;
      case AlterOp::remove:
        if (const auto found = proposal.configs.find(key.name); found != proposal.configs.end())
          proposal.configs.erase(found);
        break;
      case AlterOp::append:
      case AlterOp::subtract:
        proposal.refusal = change_list(key, op, proposal.configs);
        if (proposal.refusal) return proposal;
        break;
    }
  }
  return proposal;
}

Verdict check_broker(const AskedChange& change, ChangeKind kind, const RequestContext& context) {
  const configs::BrokerSettings& settings = *context.doors.settings;
  if (!change.name.empty()) {
    const auto id = broker_number(change.name);
    if (!id) return malformed(fmt::format("Node id must be an integer, but it is: {}", change.name));
    if (*id != settings.node_id)
      return malformed(
          fmt::format("Unexpected broker id, expected {}, but received {}", settings.node_id, change.name));
  }
  const auto level = change.name.empty() ? configs::BrokerLevel::all_brokers : configs::BrokerLevel::one_broker;
  const configs::BrokerLayers layers{settings.text, context.image->configs(ResourceType::broker, ""),
                                     context.image->configs(ResourceType::broker, std::to_string(settings.node_id))};
  const configs::ConfigMap& stored = context.image->configs(ResourceType::broker, change.name);
  const Proposal proposal = propose(change, kind, configs::usable_dynamic_configs(stored, level));
  if (proposal.refusal) return proposal.refusal;
  const auto checked = configs::check_broker_change(layers, level, proposal.configs);
  if (!checked) return malformed(checked.error().text);
  return std::nullopt;
}

Verdict on_broker(const AskedChange& change, ChangeKind kind, ChangeMode mode, const RequestContext& context) {
  if (Verdict verdict = check_keys(change, kind)) return verdict;
  switch (static_cast<ResourceType>(change.type)) {
    case ResourceType::broker_logger:
      if (kind == ChangeKind::whole) break;
      return change_loggers(change, mode, context);
    case ResourceType::broker:
      return check_broker(change, kind, context);
    case ResourceType::topic:
    case ResourceType::client_metrics:
    case ResourceType::group:
      return std::nullopt;
  }
  return malformed(fmt::format("Unknown resource type {}", change.type));
}

// A controller knows directories by their ids alone: it lets go of paths that are cordoned and takes no new ones.
Verdict check_cordoned(const AskedChange& change, const RequestContext& context) {
  const configs::ConfigMap& stored = context.image->configs(ResourceType::broker, change.name);
  const auto found = stored.find("cordoned.log.dirs");
  const auto current = found == stored.end() ? std::vector<std::string>() : configs::parse_list(found->second);
  for (const AskedChange::Key& key : change.keys) {
    if (key.name != "cordoned.log.dirs" || !key.value) continue;
    const auto op = configs::alter_op(key.operation);
    if (op != AlterOp::set && op != AlterOp::append) continue;
    for (const std::string& directory : configs::parse_list(*key.value))
      if (std::ranges::find(current, directory) == current.end())
        return refused(
            ErrorCode::invalid_config,
            "When updating cordoned.log.dirs via controllers,  the new value must be a subset of the current "
            "configuration value.");
  }
  return std::nullopt;
}

Verdict on_controller(const AskedChange& change, ChangeKind kind, ChangeMode mode, const RequestContext& context) {
  switch (static_cast<ResourceType>(change.type)) {
    case ResourceType::broker_logger:
      if (kind == ChangeKind::whole) return malformed("Unexpected resource type BROKER_LOGGER.");
      return change_loggers(change, mode, context);
    case ResourceType::broker:
      return check_cordoned(change, context);
    case ResourceType::topic:
    case ResourceType::client_metrics:
    case ResourceType::group:
      return std::nullopt;
  }
  return refused(ErrorCode::unsupported_version, fmt::format("Unknown resource type {}.", change.type));
}

}  // namespace

io::Task<void> preprocess_changes(Screening& screening, ChangeKind kind, ChangeMode mode, const RequestContext& context,
                                  Pace& pace) {
  const bool at_controller = context.peer.listener->kind == ListenerKind::controller;
  const std::vector<AskedChange>& changes = screening.changes;
  auto& verdicts = screening.verdicts;
  verdicts.reserve(changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (pace.ends_turn(1)) co_await pace.next_turn();
    Verdict& verdict = verdicts.emplace_back();
    const auto [place, fresh] = screening.places.try_emplace({changes[i].type, changes[i].name}, i);
    if (fresh) continue;
    const char* why = at_controller ? "Duplicate resource." : "Each resource must appear at most once.";
    verdict = verdicts[place->second] = malformed(why);
    verdict->unsaid = at_controller;
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (verdicts[i]) continue;
    if (pace.ends_turn(1 + changes[i].keys.size())) co_await pace.next_turn();
    // Kafka looks at every key first; what it would write is refused in any case.
    if (changes[i].keys.size() > controller::records_per_operation_max) {
      verdicts[i] = too_large();
      continue;
    }
    verdicts[i] =
        at_controller ? on_controller(changes[i], kind, mode, context) : on_broker(changes[i], kind, mode, context);
  }
}

}  // namespace highwater::server
