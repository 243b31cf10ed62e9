// AllocateProducerIds: of a broker, handed to the controller.
#include "engine/quorum/controller_door.h"
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AllocateProducerIdsRequest;
using messages::AllocateProducerIdsResponse;

io::Task<AllocateProducerIdsResponse> allocate_producer_ids(const AllocateProducerIdsRequest& request,
                                                            RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context);
  auto response = co_await context.doors.controller->ask<AllocateProducerIdsResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
