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
  std::vector<std::string_view> names;
  for (const auto& topic : request.topics) names.push_back(topic.name.view());
  const bool asks = any_stands_once(std::move(names));
  const auto caller = asks ? controller_caller(context, request.timeout_ms) : controller_caller(context);
  auto response = co_await context.doors.controller->ask<CreatePartitionsResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
