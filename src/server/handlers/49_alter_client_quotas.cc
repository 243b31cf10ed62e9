// AlterClientQuotas: handed to the controller.
#include "engine/quorum/controller_door.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AlterClientQuotasRequest;
using messages::AlterClientQuotasResponse;

io::Task<AlterClientQuotasResponse> alter_client_quotas(const AlterClientQuotasRequest& request,
                                                        RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context);
  auto response = co_await context.doors.controller->ask<AlterClientQuotasResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
