// DescribeQuorum: leader, voters and high watermark of the metadata log, on both kinds of listeners.
// v1 times of the last fetch (KIP-836) · v2 directory ids, listeners, messages (KIP-853)
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::DescribeQuorumRequest;
using messages::DescribeQuorumResponse;

io::Task<DescribeQuorumResponse> describe_quorum(const DescribeQuorumRequest& request, RequestContext& context) {
  return hand_on<DescribeQuorumResponse>(request, context, Operation::describe, controller_caller(context));
}

}  // namespace highwater::server
