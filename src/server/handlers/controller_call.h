// What the controller is told about who asks: principal, client and until when an answer is of use.
#pragma once

#include <cstdint>

#include "engine/quorum/controller_door.h"
#include "server/network/request_context.h"

namespace highwater::server {

inline engine::ControllerCaller controller_caller(const RequestContext& context, std::int32_t timeout_ms) {
  const Duration timeout = Duration::from_ms(timeout_ms < 0 ? 0 : timeout_ms);
  return {context.peer.principal.type + ":" + context.peer.principal.name, std::string(context.client_id()),
          context.received + timeout};
}

}  // namespace highwater::server
