// DescribeUserScramCredentials: mechanisms and iterations of users, from the image; never keys or salts
// (Kafka: ScramImage.describe, KIP-554). Controllers advertise it and answer UNKNOWN_SERVER_ERROR: the schema names
// them, and ControllerApis has no case for it.
#include <map>
#include <string>

#include "protocol/api/error_code.h"
#include "protocol/messages/describe_user_scram_credentials_request.h"
#include "protocol/messages/describe_user_scram_credentials_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::DescribeUserScramCredentialsRequest;
using messages::DescribeUserScramCredentialsResponse;
using Result = DescribeUserScramCredentialsResponse::DescribeUserScramCredentialsResult;

enum class Mention : std::uint8_t { once, repeated };

std::map<std::string, Mention> users_asked_for(const DescribeUserScramCredentialsRequest& request,
                                               const metadata::MetadataImage& image) {
  std::map<std::string, Mention> users;
  if (!request.users.has_value() || request.users->empty()) {
    for (const auto& [key, credential] : image.scram_credentials()) users.emplace(key.user, Mention::once);
    return users;
  }
  for (const auto& user : *request.users) {
    const auto [place, fresh] = users.emplace(user.name.str(), Mention::once);
    if (!fresh) place->second = Mention::repeated;
  }
  return users;
}

void refuse(ErrorCode error, std::string text, Result& result) {
  result.error_code = api::wire_code(error);
  result.error_message = text;
}

DescribeUserScramCredentialsResponse of_controller(const DescribeUserScramCredentialsRequest& request) {
  DescribeUserScramCredentialsResponse response;
  response.error_code = api::wire_code(ErrorCode::unknown_server_error);
  response.error_message.reset();
  const std::size_t count = request.users ? request.users->size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    Result& result = response.results.emplace_back();
    result.error_code = response.error_code;
    result.error_message.reset();
  }
  return response;
}

}  // namespace

io::Task<DescribeUserScramCredentialsResponse> describe_user_scram_credentials(
    const DescribeUserScramCredentialsRequest& request, RequestContext& context) {
  if (context.peer.listener->kind == ListenerKind::controller) co_return of_controller(request);
  DescribeUserScramCredentialsResponse response;
  if (!context.allows(Operation::describe, Resource::cluster, cluster_resource)) {
    response.error_code = api::wire_code(ErrorCode::cluster_authorization_failed);
    response.error_message = api::error_text(ErrorCode::cluster_authorization_failed);
    co_return response;
  }
  const auto& credentials = context.image->scram_credentials();
  for (const auto& [user, mention] : users_asked_for(request, *context.image)) {
    Result& result = response.results.emplace_back();
    result.user = user;
    if (mention == Mention::repeated) {
      refuse(ErrorCode::duplicate_resource,
             "Cannot describe SCRAM credentials for the same user twice in a single request: " + user, result);
      continue;
    }
    for (std::int8_t mechanism = 1; mechanism <= 2; ++mechanism) {
      const metadata::ScramKey key{mechanism, user};
      const auto* credential = credentials.find(key);
      if (credential == nullptr) continue;
      auto& info = result.credential_infos.emplace_back();
      info.mechanism = mechanism;
      info.iterations = credential->iterations;
    }
    if (!result.credential_infos.empty()) continue;
    refuse(ErrorCode::resource_not_found, "Attempt to describe a user credential that does not exist: " + user, result);
  }
  co_return response;
}

}  // namespace highwater::server
