// AlterUserScramCredentials: handed to the controller.
#include "engine/quorum/controller_door.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AlterUserScramCredentialsRequest;
using messages::AlterUserScramCredentialsResponse;

io::Task<AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    const AlterUserScramCredentialsRequest& request, RequestContext& context) {
  const engine::ControllerCaller caller = controller_caller(context);
  auto response = co_await context.doors.controller->ask<AlterUserScramCredentialsResponse>(request, caller);
  co_return response;
}

}  // namespace highwater::server
