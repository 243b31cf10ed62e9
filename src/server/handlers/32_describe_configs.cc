// DescribeConfigs: what a resource is configured to, and where each value comes from.
// v1 sources and synonyms (KIP-226) · v3 types and documentation (KIP-569)
#include <algorithm>
#include <charconv>

#include "machines/configs/broker_settings.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "server/handlers/config_values.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using configs::ConfigKey;
using configs::Scope;
using messages::DescribeConfigsRequest;
using messages::DescribeConfigsResponse;
using metadata::ResourceType;
using Result = DescribeConfigsResponse::DescribeConfigsResult;
using Entry = DescribeConfigsResponse::DescribeConfigsResourceResult;
using Asked = DescribeConfigsRequest::DescribeConfigsResource;

Result refused(ErrorCode error, std::optional<std::string> why) {
  Result result;
  result.error_code = api::wire_code(error);
  result.error_message.reset();
  if (why) result.error_message = wire::Text(*why);
  return result;
}

class Describing {
 public:
  Describing(const DescribeConfigsRequest& request, RequestContext& context)
      : request_(request), context_(context), values_(*context.doors.settings, *context.image) {}

  Result describe(const Asked& resource) {
    Result result = allowed(resource) ? describe_allowed(resource) : denied(resource);
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    return result;
  }

 private:
  bool allowed(const Asked& resource) const {
    const std::string_view name = resource.resource_name.view();
    switch (static_cast<ResourceType>(resource.resource_type)) {
      case ResourceType::topic:
        return context_.allows(Operation::describe_configs, Resource::topic, name);
      case ResourceType::group:
        return context_.allows(Operation::describe_configs, Resource::group, name);
      case ResourceType::broker:
      case ResourceType::broker_logger:
      case ResourceType::client_metrics:
        return context_.allows(Operation::describe_configs, Resource::cluster, cluster_resource);
    }
    return true;
  }

  static Result denied(const Asked& resource) {
    switch (static_cast<ResourceType>(resource.resource_type)) {
      case ResourceType::topic:
        return refused(ErrorCode::topic_authorization_failed, std::nullopt);
      case ResourceType::group:
        return refused(ErrorCode::group_authorization_failed, std::nullopt);
      case ResourceType::broker:
      case ResourceType::broker_logger:
      case ResourceType::client_metrics:
        return refused(ErrorCode::cluster_authorization_failed, std::nullopt);
    }
    return refused(ErrorCode::invalid_request, std::nullopt);
  }

  Result describe_allowed(const Asked& resource) {
    const std::string_view name = resource.resource_name.view();
    switch (static_cast<ResourceType>(resource.resource_type)) {
      case ResourceType::topic:
        if (auto problem = controller::topic_name_problem(name); !problem.empty()) {
          return refused(ErrorCode::invalid_topic_exception, std::move(problem));
        }
        if (context_.image->find_topic(name) == nullptr) {
          return refused(ErrorCode::unknown_topic_or_partition, "");
        }
        return entries(resource, Scope::topic, Levels{ResourceType::topic, ConfigSource::topic});
      case ResourceType::group:
        if (name.empty()) return refused(ErrorCode::invalid_request, "The name of a group is not empty");
        return entries(resource, Scope::group, Levels{ResourceType::group, ConfigSource::group});
      case ResourceType::client_metrics:
        if (name.empty()) return refused(ErrorCode::invalid_request, "The name of a subscription is not empty");
        return entries(resource, Scope::client_metrics,
                       Levels{ResourceType::client_metrics, ConfigSource::client_metrics});
      case ResourceType::broker:
        return name.empty() ? cluster_defaults(resource) : this_broker(resource, name);
      case ResourceType::broker_logger:
        // Loggers are not changed one by one here: there is nothing to list.
        return names_this_broker(name) ? Result() : refused(ErrorCode::invalid_request, wrong_broker(name));
    }
    return refused(ErrorCode::invalid_request, "The resource type is not known");
  }

  bool names_this_broker(std::string_view name) const {
    NodeId id = no_node;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    return error == std::errc() && end == name.data() + name.size() && id == context_.doors.settings->node_id;
  }

  std::string wrong_broker(std::string_view name) const {
    return "This is broker " + std::to_string(context_.doors.settings->node_id) + ", the request asks for '" +
           std::string(name) + "'";
  }

  Result entries(const Asked& resource, Scope scope, Levels levels) {
    Result result;
    result.resource_type = resource.resource_type;
    for (const ConfigKey& key : configs::config_keys(scope)) {
      if (key.visibility == configs::Visibility::internal || !asked_for(resource, key.name)) continue;
      std::vector<ConfigValue> found = values_.of_resource(key, levels, resource.resource_name.view());
      add(result, key, values_.effective(key, found), found);
    }
    return result;
  }

  Result this_broker(const Asked& resource, std::string_view name) {
    if (!names_this_broker(name)) return refused(ErrorCode::invalid_request, wrong_broker(name));
    Result result;
    result.resource_type = resource.resource_type;
    for (const ConfigKey& key : configs::config_keys(Scope::broker)) {
      if (key.visibility == configs::Visibility::internal || !asked_for(resource, key.name)) continue;
      std::vector<ConfigValue> found = values_.of_broker(key.name);
      add(result, key, found.empty() ? std::nullopt : std::optional(found.front().value), found);
    }
    return result;
  }

  // What was set for all brokers at run time, and nothing else.
  Result cluster_defaults(const Asked& resource) {
    Result result;
    result.resource_type = resource.resource_type;
    for (const auto& [name, value] : context_.image->configs(ResourceType::broker, "")) {
      const ConfigKey* key = configs::find_config(Scope::broker, name);
      if (key == nullptr || !asked_for(resource, name)) continue;
      add(result, *key, value, {{name, value, ConfigSource::all_brokers}});
    }
    return result;
  }

  static bool asked_for(const Asked& resource, std::string_view name) {
    const auto& keys = resource.configuration_keys;
    return !keys || keys->empty() || std::ranges::any_of(*keys, [&](const wire::Text& key) { return key == name; });
  }

  void add(Result& result, const ConfigKey& key, const std::optional<std::string>& value,
           const std::vector<ConfigValue>& found) const {
    Entry entry;
    entry.name = wire::Text::borrow(key.name);
    entry.value.reset();
    if (value && !key.sensitive()) entry.value = wire::Text(*value);
    entry.config_source = static_cast<std::int8_t>(found.empty() ? ConfigSource::by_default : found.front().source);
    entry.is_sensitive = key.sensitive();
    const bool of_broker = static_cast<ResourceType>(result.resource_type) == ResourceType::broker;
    entry.read_only = of_broker && key.dynamic == configs::DynamicMode::read_only;
    entry.config_type = static_cast<std::int8_t>(key.type);
    entry.documentation.reset();
    if (request_.include_documentation) entry.documentation = wire::Text::borrow(key.doc);
    if (request_.include_synonyms) {
      for (const ConfigValue& one : found) {
        DescribeConfigsResponse::DescribeConfigsSynonym synonym;
        synonym.name = wire::Text(one.name);
        synonym.value.reset();
        if (!key.sensitive()) synonym.value = wire::Text(one.value);
        synonym.source = static_cast<std::int8_t>(one.source);
        entry.synonyms.push_back(std::move(synonym));
      }
    }
    result.configs.push_back(std::move(entry));
  }

  const DescribeConfigsRequest& request_;
  RequestContext& context_;
  ConfigValues values_;
};

}  // namespace

io::Task<DescribeConfigsResponse> describe_configs(const DescribeConfigsRequest& request, RequestContext& context) {
  DescribeConfigsResponse response;
  Describing describing(request, context);
  for (const auto& resource : request.resources) response.results.push_back(describing.describe(resource));
  co_return response;
}

}  // namespace highwater::server
