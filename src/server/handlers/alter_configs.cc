#include "server/handlers/alter_configs.h"

#include "machines/configs/broker_settings.h"

namespace highwater::server {

using metadata::ResourceType;

engine::ControllerCaller alter_configs_caller(const RequestContext& context) {
  return controller_caller(context, static_cast<std::int32_t>(context.doors.settings->network.request_timeout.ms()));
}

std::optional<ChangeVerdict> denied_change(std::int8_t type, std::string_view name, const RequestContext& context) {
  Resource resource = Resource::cluster;
  api::ErrorCode error = api::ErrorCode::cluster_authorization_failed;
  switch (static_cast<ResourceType>(type)) {
    case ResourceType::topic:
      resource = Resource::topic;
      error = api::ErrorCode::topic_authorization_failed;
      break;
    case ResourceType::group:
      resource = Resource::group;
      error = api::ErrorCode::group_authorization_failed;
      break;
    case ResourceType::broker:
    case ResourceType::broker_logger:
    case ResourceType::client_metrics:
      name = cluster_resource;
      break;
  }
  if (context.allows(Operation::alter_configs, resource, name)) return std::nullopt;
  return ChangeVerdict{error, std::nullopt};
}

}  // namespace highwater::server
