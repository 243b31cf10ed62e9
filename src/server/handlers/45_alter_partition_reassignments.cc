// AlterPartitionReassignments: handed to the controller. v1 may forbid another replication factor (KIP-860)
#include <utility>

#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AlterPartitionReassignmentsRequest;
using messages::AlterPartitionReassignmentsResponse;

io::Task<AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    const AlterPartitionReassignmentsRequest& request, RequestContext& context) {
  // Nothing asked for is answered at once, however little time there is.
  const bool asks_nothing = request.topics.empty();
  engine::ControllerCaller caller =
      asks_nothing ? controller_caller(context) : controller_caller(context, request.timeout_ms);
  return hand_on<AlterPartitionReassignmentsResponse>(request, context, Operation::alter, std::move(caller));
}

}  // namespace highwater::server
