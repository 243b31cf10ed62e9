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
  // A long list is not searched for what stands once; there is something.
  const bool asks = context.held || any_topic_stands_once(request);
  auto caller = asks ? controller_caller(context, request.timeout_ms) : controller_caller(context);
  auto asked = ask_controller<CreatePartitionsResponse>(request, context, std::move(caller));
  auto response = co_await std::move(asked);
  co_return response;
}

}  // namespace highwater::server
