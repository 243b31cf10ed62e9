// AlterClientQuotas: handed to the controller.
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AlterClientQuotasRequest;
using messages::AlterClientQuotasResponse;

io::Task<AlterClientQuotasResponse> alter_client_quotas(const AlterClientQuotasRequest& request,
                                                        RequestContext& context) {
  return hand_on<AlterClientQuotasResponse>(request, context, Operation::alter_configs, controller_caller(context));
}

}  // namespace highwater::server
