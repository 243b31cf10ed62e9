// ElectLeaders: handed to the controller. v1 unclean election and an error code on top (KIP-460)
#include <utility>

#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::ElectLeadersRequest;
using messages::ElectLeadersResponse;

io::Task<ElectLeadersResponse> elect_leaders(const ElectLeadersRequest& request, RequestContext& context) {
  const bool asks_nothing = request.topic_partitions.has_value() && request.topic_partitions->empty();
  auto caller = controller_caller(context, request.timeout_ms, asks_nothing ? Work::none : Work::some);
  return hand_on<ElectLeadersResponse>(request, context, Operation::alter, std::move(caller));
}

}  // namespace highwater::server
