// AssignReplicasToDirs: of a broker, handed on to the controller (KIP-858).
#include "protocol/messages/assign_replicas_to_dirs_request.h"
#include "protocol/messages/assign_replicas_to_dirs_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AssignReplicasToDirsRequest;
using messages::AssignReplicasToDirsResponse;

io::Task<AssignReplicasToDirsResponse> assign_replicas_to_dirs(const AssignReplicasToDirsRequest& request,
                                                               RequestContext& context) {
  return hand_on<AssignReplicasToDirsResponse>(request, context, Operation::cluster_action, controller_caller(context));
}

}  // namespace highwater::server
