// What AlterConfigs and IncrementalAlterConfigs have in common: this node looks first, the controller decides what is
// left, the answers come in the order of the request.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/quorum/controller_door.h"
#include "io/on_worker.h"
#include "server/handlers/config_changes.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

// What this node and then the controller look at, with what keeps the frame that all of it borrows from.
template <class Request>
struct Alteration {
  std::shared_ptr<const void> held;
  Screening screening;
  Request left;  // for the controller

  void drop() {
    screening = {};
    left = {};
  }
};

template <class Request>
io::Task<void> take_changes(const Request& request, std::vector<AskedChange>& changes, Pace& pace) {
  changes.reserve(request.resources.size());
  for (const auto& resource : request.resources) {
    if (pace.ends_turn(1 + resource.configs.size())) co_await pace.next_turn();
    AskedChange& change = changes.emplace_back();
    change.type = resource.resource_type;
    change.name = resource.resource_name.view();
    change.keys.reserve(resource.configs.size());
    for (const auto& config : resource.configs) {
      AskedChange::Key& key = change.keys.emplace_back();
      key.name = config.name.view();
      if (config.value) key.value = config.value->view();
      if constexpr (requires { config.config_operation; }) key.operation = config.config_operation;
    }
  }
}

// The Apache broker forwards such requests with this deadline (request.timeout.ms).
engine::ControllerCaller alter_configs_caller(const RequestContext& context);
// Whether the caller may alter that resource; the error of the answer if not.
std::optional<ChangeVerdict> denied_change(std::int8_t type, std::string_view name, const RequestContext& context);

// The answers of this node and those of the controller, which decided what is left.
template <class Response, class Request>
io::Task<Response> merged(const Request& request, const Screening& screening, Response decided, Pace& pace) {
  const std::size_t count = screening.verdicts.size();
  if (decided.responses.size() == count) co_return decided;
  Response response;
  response.responses.reserve(count);
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (pace.ends_turn(1)) co_await pace.next_turn();
    const auto& given = screening.verdicts[i];
    if (!given && next < decided.responses.size()) {
      response.responses.push_back(std::move(decided.responses[next++]));
      continue;
    }
    const ChangeVerdict verdict = given.value_or(ChangeVerdict{api::ErrorCode::unknown_server_error, {}});
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

template <class Response, class Request>
io::Task<Response> altered(const Request& request, RequestContext& context, ChangeKind kind) {
  const auto mode = request.validate_only ? ChangeMode::validate_only : ChangeMode::apply;
  Pace pace(*context.doors.reactor);
  auto work = std::make_shared<Alteration<Request>>();
  work->held = context.held;
  Screening& screening = work->screening;
  co_await take_changes(request, screening.changes, pace);
  co_await preprocess_changes(screening, kind, mode, context, pace);
  Request& left = work->left;
  left.validate_only = request.validate_only;
  left.resources.reserve(request.resources.size());
  for (std::size_t i = 0; i < screening.verdicts.size(); ++i) {
    if (pace.ends_turn(1)) co_await pace.next_turn();
    const auto& resource = request.resources[i];
    auto& verdict = screening.verdicts[i];
    if (!verdict) verdict = denied_change(resource.resource_type, resource.resource_name.view(), context);
    if (!verdict) left.resources.push_back(resource);
  }
  Response decided;
  if (!left.resources.empty()) {
    engine::ControllerDoor& door = *context.doors.controller;
    const engine::ControllerCaller caller = alter_configs_caller(context);
    auto answer = work->held ? door.ask<Response>(std::shared_ptr<const Request>(work, &left), caller)
                             : door.ask<Response>(left, caller);
    decided = co_await std::move(answer);
  }
  auto answers = merged(request, screening, std::move(decided), pace);
  Response response = co_await std::move(answers);
  if (work->held) co_await io::on_worker(*context.doors.reactor, work, &Alteration<Request>::drop);
  co_return response;
}

}  // namespace highwater::server
