// IncrementalAlterConfigs: single keys are set, deleted, or their lists grown and shortened (KIP-339, KIP-412).
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"
#include "server/handlers/alter_configs.h"

namespace highwater::server {

using messages::IncrementalAlterConfigsRequest;
using messages::IncrementalAlterConfigsResponse;

io::Task<IncrementalAlterConfigsResponse> incremental_alter_configs(const IncrementalAlterConfigsRequest& request,
                                                                    RequestContext& context) {
  auto response = co_await altered<IncrementalAlterConfigsResponse>(request, context, ChangeKind::incremental);
  co_return response;
}

}  // namespace highwater::server
