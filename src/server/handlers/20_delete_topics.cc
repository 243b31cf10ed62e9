// DeleteTopics: handed to the controller. v6 by name or by id (KIP-516)
#include "engine/quorum/controller_door.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using messages::DeleteTopicsRequest;
using messages::DeleteTopicsResponse;

// The door keeps the request longer than the frame may live.
DeleteTopicsRequest owned(const DeleteTopicsRequest& request) {
  DeleteTopicsRequest copy = request;
  for (auto& topic : copy.topics) {
    if (topic.name) topic.name = topic.name->owned();
  }
  for (auto& name : copy.topic_names) name = name.owned();
  return copy;
}

}  // namespace

io::Task<DeleteTopicsResponse> delete_topics(const DeleteTopicsRequest& request, RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context, request.timeout_ms);
  auto response = co_await context.doors.controller->delete_topics(owned(request), caller);
  co_return response;
}

}  // namespace highwater::server
