// ListPartitionReassignments: answered by the controller, which knows what is on its way. Has no time limit in Kafka.
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::ListPartitionReassignmentsRequest;
using messages::ListPartitionReassignmentsResponse;

io::Task<ListPartitionReassignmentsResponse> list_partition_reassignments(
    const ListPartitionReassignmentsRequest& request, RequestContext& context) {
  return hand_on<ListPartitionReassignmentsResponse>(request, context, Operation::describe, controller_caller(context));
}

}  // namespace highwater::server
