// UnregisterBroker: handed to the controller.
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::UnregisterBrokerRequest;
using messages::UnregisterBrokerResponse;

io::Task<UnregisterBrokerResponse> unregister_broker(const UnregisterBrokerRequest& request, RequestContext& context) {
  return hand_on<UnregisterBrokerResponse>(request, context, Operation::alter, controller_caller(context));
}

}  // namespace highwater::server
