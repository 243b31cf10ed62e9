// What the controller is told about who asks: principal, client and until when an answer is of use.
#pragma once

#include <cstdint>

#include "engine/quorum/controller_door.h"
#include "server/network/request_context.h"

namespace highwater::server {

// Of a request that names no time limit.
inline engine::ControllerCaller controller_caller(const RequestContext& context) {
  return {context.peer.principal.type + ":" + context.peer.principal.name, std::string(context.client_id()),
          Instant::never()};
}

inline engine::ControllerCaller controller_caller(const RequestContext& context, std::int32_t timeout_ms) {
  engine::ControllerCaller caller = controller_caller(context);
  caller.deadline = context.received + Duration::from_ms(timeout_ms < 0 ? 0 : timeout_ms);
  return caller;
}

}  // namespace highwater::server
