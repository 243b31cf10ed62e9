// ListPartitionReassignments: answered by the controller, which knows what is on its way. Has no time limit in Kafka.
#include "engine/quorum/controller_door.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::ListPartitionReassignmentsRequest;
using messages::ListPartitionReassignmentsResponse;

io::Task<ListPartitionReassignmentsResponse> list_partition_reassignments(
    const ListPartitionReassignmentsRequest& request, RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context);
  auto response = co_await context.doors.controller->ask<ListPartitionReassignmentsResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
