#include "client/users.h"

#include "link/call.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/describe_client_quotas_request.h"
#include "protocol/messages/describe_client_quotas_response.h"
#include "protocol/messages/describe_user_scram_credentials_request.h"
#include "protocol/messages/describe_user_scram_credentials_response.h"

namespace highwater::client {

namespace {

constexpr std::int8_t scram_sha_256 = 1;
constexpr std::int8_t match_exact = 0;

}  // namespace

io::Task<ClientResult<api::ErrorCode>> alter_quota(Cluster& cluster, QuotaChange change) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::AlterClientQuotasRequest request;
  messages::AlterClientQuotasRequest::EntryData entry;
  entry.entity.push_back({.entity_type = "user", .entity_name = wire::Text(change.user)});
  entry.ops.push_back({.key = change.key, .value = change.value.value_or(0), .remove = !change.value.has_value()});
  request.entries.push_back(std::move(entry));
  const link::CallOptions options;
  auto answer = co_await link::call<messages::AlterClientQuotasResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.entries.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  co_return ClientResult<api::ErrorCode>(api::error_from_wire(answer->value.entries[0].error_code));
}

io::Task<ClientResult<DescribedQuotas>> describe_quotas(Cluster& cluster, std::string user) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::DescribeClientQuotasRequest request;
  request.components.push_back({.entity_type = "user", .match_type = match_exact, .match = wire::Text(user)});
  request.strict = true;
  const link::CallOptions options;
  auto answer = co_await link::call<messages::DescribeClientQuotasResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  DescribedQuotas described{.code = api::error_from_wire(answer->value.error_code), .values = {}};
  if (answer->value.entries.has_value()) {
    for (const auto& entry : *answer->value.entries) {
      for (const auto& value : entry.values) described.values[value.key.str()] = value.value;
    }
  }
  co_return ClientResult<DescribedQuotas>(std::move(described));
}

io::Task<ClientResult<api::ErrorCode>> alter_scram(Cluster& cluster, ScramChange change) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::AlterUserScramCredentialsRequest request;
  if (change.iterations == 0) {
    request.deletions.push_back({.name = change.user, .mechanism = scram_sha_256});
  } else {
    request.upsertions.push_back({.name = change.user,
                                  .mechanism = scram_sha_256,
                                  .iterations = change.iterations,
                                  .salt = wire::Blob(change.salt),
                                  .salted_password = wire::Blob(change.salted_password)});
  }
  const link::CallOptions options;
  auto answer = co_await link::call<messages::AlterUserScramCredentialsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.results.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  co_return ClientResult<api::ErrorCode>(api::error_from_wire(answer->value.results[0].error_code));
}

io::Task<ClientResult<DescribedScram>> describe_scram(Cluster& cluster, std::string user) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::DescribeUserScramCredentialsRequest request;
  request.users->push_back({.name = wire::Text(user)});
  const link::CallOptions options;
  auto answer =
      co_await link::call<messages::DescribeUserScramCredentialsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  DescribedScram described{.code = api::error_from_wire(answer->value.error_code)};
  if (described.code == api::ErrorCode::none && answer->value.results.size() == 1) {
    const auto& result = answer->value.results[0];
    described.code = api::error_from_wire(result.error_code);
    for (const auto& info : result.credential_infos) {
      if (info.mechanism == scram_sha_256) described.iterations = info.iterations;
    }
  }
  // Nothing about this user is an answer too.
  if (described.code == api::ErrorCode::resource_not_found) described.code = api::ErrorCode::none;
  co_return ClientResult<DescribedScram>(described);
}

}  // namespace highwater::client
