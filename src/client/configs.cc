#include "client/configs.h"

#include "link/call.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace highwater::client {

namespace {

constexpr std::int8_t set_operation = 0;
constexpr std::int8_t delete_operation = 1;

}  // namespace

io::Task<ClientResult<api::ErrorCode>> alter_configs(Cluster& cluster, ConfigOwner owner,
                                                     std::vector<ConfigChange> changes) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::IncrementalAlterConfigsRequest request;
  messages::IncrementalAlterConfigsRequest::AlterConfigsResource resource;
  resource.resource_type = static_cast<std::int8_t>(owner.kind);
  resource.resource_name = owner.name;
  for (const ConfigChange& change : changes) {
    messages::IncrementalAlterConfigsRequest::AlterableConfig config;
    config.name = change.key;
    config.config_operation = change.value.has_value() ? set_operation : delete_operation;
    config.value.reset();
    if (change.value.has_value()) config.value = wire::Text(*change.value);
    resource.configs.push_back(std::move(config));
  }
  request.resources.push_back(std::move(resource));
  const link::CallOptions options;
  auto answer = co_await link::call<messages::IncrementalAlterConfigsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.responses.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  co_return ClientResult<api::ErrorCode>(api::error_from_wire(answer->value.responses[0].error_code));
}

io::Task<ClientResult<DescribedConfigs>> describe_configs(Cluster& cluster, ConfigOwner owner,
                                                          std::vector<std::string> keys) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::DescribeConfigsRequest request;
  messages::DescribeConfigsRequest::DescribeConfigsResource resource;
  resource.resource_type = static_cast<std::int8_t>(owner.kind);
  resource.resource_name = owner.name;
  if (keys.empty()) resource.configuration_keys.reset();
  for (const std::string& key : keys) resource.configuration_keys->push_back(wire::Text(key));
  request.resources.push_back(std::move(resource));
  const link::CallOptions options;
  auto answer = co_await link::call<messages::DescribeConfigsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.results.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  const auto& result = answer->value.results[0];
  DescribedConfigs described{.code = api::error_from_wire(result.error_code), .values = {}};
  for (const auto& config : result.configs) {
    described.values[config.name.str()] = {config.value.has_value() ? config.value->str() : std::string(),
                                           static_cast<api::ConfigSource>(config.config_source)};
  }
  co_return ClientResult<DescribedConfigs>(std::move(described));
}

}  // namespace highwater::client
