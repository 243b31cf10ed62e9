// ListConfigResources: which resources have, or may have, configurations. v0 subscriptions of client metrics alone
// (KIP-714, KIP-1000) · v1 every type (KIP-1142)
#include <algorithm>
#include <array>

#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
#include "protocol/messages/list_config_resources_request.h"
#include "protocol/messages/list_config_resources_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using messages::ListConfigResourcesRequest;
using messages::ListConfigResourcesResponse;
using metadata::ResourceType;

constexpr std::array<ResourceType, 5> all_types = {ResourceType::group, ResourceType::client_metrics,
                                                   ResourceType::broker_logger, ResourceType::broker,
                                                   ResourceType::topic};

void add(std::string_view name, ResourceType type, ListConfigResourcesResponse& response) {
  auto& resource = response.config_resources.emplace_back();
  resource.resource_name = name;
  resource.resource_type = static_cast<std::int8_t>(type);
}

void add_configured(const metadata::MetadataImage& image, ResourceType type, ListConfigResourcesResponse& response) {
  for (const auto& [resource, values] : image.all_configs())
    if (resource.type == type && !values.empty()) add(resource.name, type, response);
}

void add_brokers(const RequestContext& context, ResourceType type, ListConfigResourcesResponse& response) {
  for (const auto& [id, broker] : context.image->brokers())
    if (!broker.fenced && broker.find_listener(context.listener()) != nullptr) add(std::to_string(id), type, response);
}

void add_all(const RequestContext& context, ResourceType type, ListConfigResourcesResponse& response) {
  switch (type) {
    case ResourceType::group:
    case ResourceType::client_metrics:
      return add_configured(*context.image, type, response);
    case ResourceType::broker_logger:
    case ResourceType::broker:
      return add_brokers(context, type, response);
    case ResourceType::topic:
      for (const auto& [name, id] : context.image->topic_names()) add(name, type, response);
      return;
  }
}

}  // namespace

io::Task<ListConfigResourcesResponse> list_config_resources(const ListConfigResourcesRequest& request,
                                                            RequestContext& context) {
  ListConfigResourcesResponse response;
  if (!context.allows(Operation::describe_configs, Resource::cluster, cluster_resource)) {
    response.error_code = api::wire_code(api::ErrorCode::cluster_authorization_failed);
    co_return response;
  }
  const bool metrics_alone = !api::list_config_resources_has_types(context.version());
  const auto wanted = [&](ResourceType type) {
    if (metrics_alone) return type == ResourceType::client_metrics;
    return request.resource_types.empty() ||
           std::ranges::find(request.resource_types, static_cast<std::int8_t>(type)) != request.resource_types.end();
  };
  for (const std::int8_t type : request.resource_types) {
    if (std::ranges::find(all_types, static_cast<ResourceType>(type)) != all_types.end()) continue;
    response.error_code = api::wire_code(api::ErrorCode::unsupported_version);
    co_return response;
  }
  for (const ResourceType type : all_types)
    if (wanted(type)) add_all(context, type, response);
  co_return response;
}

}  // namespace highwater::server
