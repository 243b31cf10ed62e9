// How a request is handed on to the controller: who asks, until when an answer is of use, and whether the caller may
// change or see the cluster at all. What concerns single topics is asked by the handler that knows them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/quorum/controller_door.h"
#include "machines/controller/refusals.h"
#include "protocol/api/error_code.h"
#include "server/network/request_context.h"

namespace highwater::server {

// Of a request that names no time limit.
inline engine::ControllerCaller controller_caller(const RequestContext& context) {
  return {context.peer.principal.type + ":" + context.peer.principal.name, std::string(context.client_id()),
          Instant::never(), context.frame.size()};
}

inline engine::ControllerCaller controller_caller(const RequestContext& context, std::int32_t timeout_ms) {
  engine::ControllerCaller caller = controller_caller(context);
  // No time at all is REQUEST_TIMED_OUT before anything is done, as in Kafka.
  const Duration timeout = Duration::from_ms(timeout_ms);
  caller.deadline = context.received + (timeout_ms > 0 ? timeout : timeout - Duration{1});
  return caller;
}

// What a request leaves for the controller to do. Where that is nothing, Kafka looks at no time limit.
enum class Work : std::uint8_t { none, some };

inline engine::ControllerCaller controller_caller(const RequestContext& context, std::int32_t timeout_ms, Work work) {
  return work == Work::none ? controller_caller(context) : controller_caller(context, timeout_ms);
}

// What is named twice is refused without the controller.
template <class Name>
bool any_stands_once(std::vector<Name> names) {
  std::ranges::sort(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool before = i > 0 && names[i - 1] == names[i];
    const bool behind = i + 1 < names.size() && names[i + 1] == names[i];
    if (!before && !behind) return true;
  }
  return false;
}

// A long list is not searched: it is taken to name something once.
template <class Request>
Work work_on_topics(const Request& request, const RequestContext& context) {
  if (context.held) return Work::some;
  std::vector<std::string_view> names;
  for (const auto& topic : request.topics) names.push_back(topic.name.view());
  return any_stands_once(std::move(names)) ? Work::some : Work::none;
}

// `request` is what this context is about, as it came.
template <class Response, class Request>
io::Future<Response> ask_controller(const Request& request, const RequestContext& context,
                                    engine::ControllerCaller caller) {
  engine::ControllerDoor& door = *context.doors.controller;
  if (!context.held) return door.ask<Response>(request, std::move(caller));
  return door.ask<Response>(std::shared_ptr<const Request>(context.held, &request), std::move(caller));
}

// The controller's answer as it is, when the caller may do `operation` to the cluster.
template <class Response, class Request>
io::Task<Response> hand_on(const Request& request, RequestContext& context, Operation operation,
                           engine::ControllerCaller caller) {
  if (!context.allows(operation, Resource::cluster, cluster_resource)) {
    co_return controller::refused<Response>(request, {api::ErrorCode::cluster_authorization_failed, std::nullopt});
  }
  auto asked = ask_controller<Response>(request, context, std::move(caller));
  auto response = co_await std::move(asked);
  co_return response;
}

}  // namespace highwater::server
