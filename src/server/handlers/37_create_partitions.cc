// CreatePartitions: handed to the controller. v2 flexible
#include "engine/quorum/controller_door.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::CreatePartitionsRequest;
using messages::CreatePartitionsResponse;

io::Task<CreatePartitionsResponse> create_partitions(const CreatePartitionsRequest& request, RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context, request.timeout_ms);
  auto response = co_await context.doors.controller->ask<CreatePartitionsResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
