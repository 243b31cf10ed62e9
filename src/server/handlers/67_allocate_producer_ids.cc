// AllocateProducerIds: of a broker, handed to the controller.
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AllocateProducerIdsRequest;
using messages::AllocateProducerIdsResponse;

io::Task<AllocateProducerIdsResponse> allocate_producer_ids(const AllocateProducerIdsRequest& request,
                                                            RequestContext& context) {
  return hand_on<AllocateProducerIdsResponse>(request, context, Operation::cluster_action, controller_caller(context));
}

}  // namespace highwater::server
