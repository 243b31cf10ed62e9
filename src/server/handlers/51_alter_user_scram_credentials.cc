// AlterUserScramCredentials: handed to the controller.
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::AlterUserScramCredentialsRequest;
using messages::AlterUserScramCredentialsResponse;

io::Task<AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    const AlterUserScramCredentialsRequest& request, RequestContext& context) {
  return hand_on<AlterUserScramCredentialsResponse>(request, context, Operation::alter, controller_caller(context));
}

}  // namespace highwater::server
