// AlterConfigs: the whole configuration of a resource is replaced. Deprecated by KIP-339 and still used.
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "server/handlers/alter_configs.h"

namespace highwater::server {

using messages::AlterConfigsRequest;
using messages::AlterConfigsResponse;

io::Task<AlterConfigsResponse> alter_configs(const AlterConfigsRequest& request, RequestContext& context) {
  auto response = co_await altered<AlterConfigsResponse>(request, context, ChangeKind::whole);
  co_return response;
}

}  // namespace highwater::server
