// DeleteTopics: handed to the controller. v6 by name or by id (KIP-516)
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::DeleteTopicsRequest;
using messages::DeleteTopicsResponse;

namespace {

// A topic without a name and an id, or with both, is refused as it stands. A long list is not searched.
Work work_of(const DeleteTopicsRequest& request, const RequestContext& context) {
  if (context.held) return Work::some;
  std::vector<std::string_view> names;
  std::vector<Uuid> ids;
  for (const auto& name : request.topic_names) names.push_back(name.view());
  for (const auto& topic : request.topics) {
    if (topic.name && topic.topic_id.is_zero()) names.push_back(topic.name->view());
    if (!topic.name && !topic.topic_id.is_zero()) ids.push_back(topic.topic_id);
  }
  return any_stands_once(std::move(names)) || any_stands_once(std::move(ids)) ? Work::some : Work::none;
}

}  // namespace

io::Task<DeleteTopicsResponse> delete_topics(const DeleteTopicsRequest& request, RequestContext& context) {
  auto caller = controller_caller(context, request.timeout_ms, work_of(request, context));
  auto asked = ask_controller<DeleteTopicsResponse>(request, context, std::move(caller));
  auto response = co_await std::move(asked);
  if (!api::delete_topics_knows_disabled(context.version())) {
    for (auto& result : response.responses) {
      if (result.error_code != api::wire_code(api::ErrorCode::topic_deletion_disabled)) continue;
      result.error_code = api::wire_code(api::ErrorCode::invalid_request);
    }
  }
  co_return response;
}

}  // namespace highwater::server
