// What AlterConfigs and IncrementalAlterConfigs have in common: this node looks first, the controller decides what is
// left, the answers come in the order of the request.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/quorum/controller_door.h"
#include "server/handlers/config_changes.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

template <class Request>
io::Task<std::vector<AskedChange>> asked_changes(const Request& request, Pace& pace) {
  std::vector<AskedChange> changes;
  for (const auto& resource : request.resources) {
    if (pace.ends_turn(1 + resource.configs.size())) co_await pace.next_turn();
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
  co_return changes;
}

// The Apache broker forwards such requests with this deadline (request.timeout.ms).
engine::ControllerCaller alter_configs_caller(const RequestContext& context);
// Whether the caller may alter that resource; the error of the answer if not.
std::optional<ChangeVerdict> denied_change(std::int8_t type, std::string_view name, const RequestContext& context);

// What the controller has to decide: a part of a request, and what keeps the frame it borrows from.
template <class Request>
struct Left {
  std::shared_ptr<const void> held;
  Request request;
};

template <class Response, class Request>
io::Task<Response> altered(const Request& request, RequestContext& context, ChangeKind kind) {
  const auto mode = request.validate_only ? ChangeMode::validate_only : ChangeMode::apply;
  Pace pace(*context.doors.reactor);
  auto asked = asked_changes(request, pace);
  const auto changes = co_await std::move(asked);
  auto preprocessed = preprocess_changes(changes, kind, mode, context, pace);
  auto verdicts = co_await std::move(preprocessed);
  auto left = std::make_shared<Left<Request>>();
  left->held = context.held;
  Request& rest = left->request;
  rest.validate_only = request.validate_only;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (pace.ends_turn(1)) co_await pace.next_turn();
    const auto& resource = request.resources[i];
    if (!verdicts[i]) verdicts[i] = denied_change(resource.resource_type, resource.resource_name.view(), context);
    if (!verdicts[i]) rest.resources.push_back(resource);
  }
  Response decided;
  if (!rest.resources.empty()) {
    engine::ControllerDoor& door = *context.doors.controller;
    const engine::ControllerCaller caller = alter_configs_caller(context);
    auto answer = left->held ? door.ask<Response>(std::shared_ptr<const Request>(left, &rest), caller)
                             : door.ask<Response>(rest, caller);
    decided = co_await std::move(answer);
  }
  Response response;
  std::size_t next = 0;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (pace.ends_turn(1)) co_await pace.next_turn();
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
