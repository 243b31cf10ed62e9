// CreateTopics: handed to the controller, which decides everything; the answer comes when the records are committed.
// v4 defaults for partitions and replication (KIP-464) · v5 configs in the answer (KIP-525) · v7 topic ids
#include "engine/quorum/controller_door.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::CreateTopicsRequest;
using messages::CreateTopicsResponse;

io::Task<CreateTopicsResponse> create_topics(const CreateTopicsRequest& request, RequestContext& context) {
  std::vector<std::string_view> names;
  for (const auto& topic : request.topics) names.push_back(topic.name.view());
  const bool asks = any_stands_once(std::move(names));
  const auto caller = asks ? controller_caller(context, request.timeout_ms) : controller_caller(context);
  auto response = co_await context.doors.controller->ask<CreateTopicsResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
