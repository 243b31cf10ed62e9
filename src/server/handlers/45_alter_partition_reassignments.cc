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
  auto caller = controller_caller(context, request.timeout_ms, request.topics.empty() ? Work::none : Work::some);
  return hand_on<AlterPartitionReassignmentsResponse>(request, context, Operation::alter, std::move(caller));
}

}  // namespace highwater::server
