// CreateTopics: handed to the controller, which decides everything; the answer comes when the records are committed.
// v4 defaults for partitions and replication (KIP-464) · v5 configs in the answer (KIP-525) · v7 topic ids
#include <utility>

#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::CreateTopicsRequest;
using messages::CreateTopicsResponse;

io::Task<CreateTopicsResponse> create_topics(const CreateTopicsRequest& request, RequestContext& context) {
  auto caller = controller_caller(context, request.timeout_ms, work_on_topics(request, context));
  auto asked = ask_controller<CreateTopicsResponse>(request, context, std::move(caller));
  auto response = co_await std::move(asked);
  co_return response;
}

}  // namespace highwater::server
