// CreatePartitions: handed to the controller. v2 flexible
#include <utility>

#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::CreatePartitionsRequest;
using messages::CreatePartitionsResponse;

io::Task<CreatePartitionsResponse> create_partitions(const CreatePartitionsRequest& request, RequestContext& context) {
  auto caller = controller_caller(context, request.timeout_ms, work_on_topics(request, context));
  auto asked = ask_controller<CreatePartitionsResponse>(request, context, std::move(caller));
  auto response = co_await std::move(asked);
  co_return response;
}

}  // namespace highwater::server
