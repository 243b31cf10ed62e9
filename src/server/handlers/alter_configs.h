// What AlterConfigs and IncrementalAlterConfigs have in common: this node looks first, the controller decides what is
// left, the answers come in the order of the request.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "engine/quorum/controller_door.h"
#include "server/handlers/config_changes.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

template <class Request>
std::vector<AskedChange> asked_changes(const Request& request) {
  std::vector<AskedChange> changes;
  for (const auto& resource : request.resources) {
    AskedChange& change = changes.emplace_back();
    change.type = resource.resource_type;
    change.name = resource.resource_name.view();
    for (const auto& config : resource.configs) {
      AskedChange::Key& key = change.keys.emplace_back();
      key.name = config.name.view();
      if (config.value) key.value = config.value->view();
      if constexpr (requires { config.config_operation; }) key.operation = config.config_operation;
    }
  }
  return changes;
}

// The Apache broker forwards such requests with this deadline (request.timeout.ms).
engine::ControllerCaller alter_configs_caller(const RequestContext& context);
// Whether the caller may alter that resource; the error of the answer if not.
std::optional<ChangeVerdict> denied_change(std::int8_t type, std::string_view name, const RequestContext& context);

template <class Response, class Request>
io::Task<Response> altered(const Request& request, RequestContext& context, ChangeKind kind) {
  const auto mode = request.validate_only ? ChangeMode::validate_only : ChangeMode::apply;
  auto verdicts = preprocess_changes(asked_changes(request), kind, mode, context);
  Request rest;
  rest.validate_only = request.validate_only;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const auto& resource = request.resources[i];
    if (!verdicts[i]) verdicts[i] = denied_change(resource.resource_type, resource.resource_name.view(), context);
    if (!verdicts[i]) rest.resources.push_back(resource);
  }
  Response decided;
  if (!rest.resources.empty()) {
    const engine::ControllerCaller caller = alter_configs_caller(context);
    decided = co_await context.doors.controller->ask<Response>(rest, caller);
  }
  Response response;
  std::size_t next = 0;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (!verdicts[i] && next < decided.responses.size()) {
      response.responses.push_back(std::move(decided.responses[next++]));
      continue;
    }
    const ChangeVerdict verdict = verdicts[i].value_or(ChangeVerdict{api::ErrorCode::unknown_server_error, {}});
    if (verdict.unsaid) continue;
    auto& result = response.responses.emplace_back();
    result.error_code = api::wire_code(verdict.error);
    result.error_message.reset();
    if (verdict.message) result.error_message = *verdict.message;
    result.resource_type = request.resources[i].resource_type;
    result.resource_name = request.resources[i].resource_name;
  }
  co_return response;
}

}  // namespace highwater::server
