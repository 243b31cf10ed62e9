// UnregisterBroker: handed to the controller.
#include "engine/quorum/controller_door.h"
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::UnregisterBrokerRequest;
using messages::UnregisterBrokerResponse;

io::Task<UnregisterBrokerResponse> unregister_broker(const UnregisterBrokerRequest& request, RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context);
  auto response = co_await context.doors.controller->ask<UnregisterBrokerResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
