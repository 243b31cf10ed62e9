// DescribeQuorum: leader, voters and high watermark of the metadata log, on both kinds of listeners.
// v1 times of the last fetch (KIP-836) · v2 directory ids, listeners, messages (KIP-853)
#include "engine/quorum/controller_door.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::DescribeQuorumRequest;
using messages::DescribeQuorumResponse;

io::Task<DescribeQuorumResponse> describe_quorum(const DescribeQuorumRequest& request, RequestContext& context) {
  if (!context.allows(Operation::describe, Resource::cluster, cluster_resource)) {
    DescribeQuorumResponse refused;
    refused.error_code = api::wire_code(api::ErrorCode::cluster_authorization_failed);
    refused.error_message = api::error_text(api::ErrorCode::cluster_authorization_failed);
    co_return refused;
  }
  const engine::ControllerCaller anyone;
  auto response = co_await context.doors.controller->ask<DescribeQuorumResponse>(request, anyone);
  co_return response;
}

}  // namespace highwater::server
