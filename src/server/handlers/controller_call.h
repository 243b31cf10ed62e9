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
  // No time at all is REQUEST_TIMED_OUT before anything is done, as in Kafka.
  const Duration timeout = Duration::from_ms(timeout_ms);
  caller.deadline = context.received + (timeout_ms > 0 ? timeout : timeout - Duration{1});
  return caller;
}

}  // namespace highwater::server
