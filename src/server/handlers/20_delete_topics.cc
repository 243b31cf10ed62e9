// DeleteTopics: handed to the controller. v6 by name or by id (KIP-516)
#include "engine/quorum/controller_door.h"
#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::DeleteTopicsRequest;
using messages::DeleteTopicsResponse;

io::Task<DeleteTopicsResponse> delete_topics(const DeleteTopicsRequest& request, RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context, request.timeout_ms);
  auto response = co_await context.doors.controller->ask<DeleteTopicsResponse>(request, caller);
  if (!api::delete_topics_knows_disabled(context.version())) {
    for (auto& result : response.responses) {
      if (result.error_code != api::wire_code(api::ErrorCode::topic_deletion_disabled)) continue;
      result.error_code = api::wire_code(api::ErrorCode::invalid_request);
    }
  }
  co_return response;
}

}  // namespace highwater::server
