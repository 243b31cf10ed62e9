// DescribeConfigs: what a resource is configured to, and where each value comes from.
// v1 sources and synonyms (KIP-226) · v3 types and documentation (KIP-569)
#include <fmt/format.h>

#include <algorithm>

#include "foundation/base/log_levels.h"
#include "machines/configs/broker_settings.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "server/handlers/broker_names.h"
#include "server/handlers/config_values.h"
#include "server/handlers/handlers.h"
#include "server/handlers/pace.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using configs::ConfigKey;
using messages::DescribeConfigsRequest;
using messages::DescribeConfigsResponse;
using metadata::ResourceType;
using Result = DescribeConfigsResponse::DescribeConfigsResult;
using Entry = DescribeConfigsResponse::DescribeConfigsResourceResult;
using Asked = DescribeConfigsRequest::DescribeConfigsResource;

// Apache Kafka knows no bound; this one is that of some 10,000 topics with all their keys.
constexpr std::size_t entries_max = 400'000;

Result refused(ErrorCode error, std::optional<std::string> why) {
  Result result;
  result.error_code = api::wire_code(error);
  result.error_message.reset();
  if (why) result.error_message = wire::Text(*why);
  return result;
}

bool is_known(const Asked& resource) {
  switch (static_cast<ResourceType>(resource.resource_type)) {
    case ResourceType::topic:
    case ResourceType::broker:
    case ResourceType::broker_logger:
    case ResourceType::client_metrics:
    case ResourceType::group:
      return true;
  }
  return false;
}

class Describing {
 public:
  Describing(const DescribeConfigsRequest& request, RequestContext& context)
      : request_(request), context_(context), values_(*context.doors.settings, *context.image) {}

  // `before` is how many configurations the answer holds already.
  Result describe(const Asked& resource, const WantedKeys& wanted, std::size_t before) {
    Result result = !allowed(resource)      ? denied(resource)
                    : before >= entries_max ? too_many()
                                            : describe_allowed(resource, wanted);
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    return result;
  }

  static Result too_many() {
    return refused(ErrorCode::invalid_request, fmt::format("The answer would hold more than {} configurations: ask for "
                                                           "fewer resources at a time",
                                                           entries_max));
  }

  static Result malformed(const Asked& resource) {
    Result result = refused(ErrorCode::invalid_request, std::string(api::error_text(ErrorCode::invalid_request)));
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

  Result describe_allowed(const Asked& resource, const WantedKeys& wanted) {
    const std::string_view name = resource.resource_name.view();
    switch (static_cast<ResourceType>(resource.resource_type)) {
      case ResourceType::topic:
        if (auto problem = controller::topic_name_problem(name); !problem.empty())
          return refused(ErrorCode::invalid_topic_exception, std::move(problem));
        if (context_.image->find_topic(name) == nullptr) return refused(ErrorCode::unknown_topic_or_partition, "");
        return shown(resource, values_.of_resource({ResourceType::topic, ConfigSource::topic}, name, wanted));
      case ResourceType::group:
        if (name.empty()) return refused(ErrorCode::invalid_request, "Group name must not be empty");
        return shown(resource, values_.of_resource({ResourceType::group, ConfigSource::group}, name, wanted));
      case ResourceType::client_metrics:
        if (name.empty())
          return refused(ErrorCode::invalid_request, "Client metrics subscription name must not be empty");
        return shown(resource,
                     values_.of_resource({ResourceType::client_metrics, ConfigSource::client_metrics}, name, wanted));
      case ResourceType::broker:
        if (name.empty()) return shown(resource, values_.of_all_brokers(wanted));
        if (auto problem = wrong_broker(name, " or empty string,"); !problem.empty())
          return refused(ErrorCode::invalid_request, std::move(problem));
        return shown(resource, values_.of_this_broker(wanted));
      case ResourceType::broker_logger:
        if (name.empty()) return refused(ErrorCode::invalid_request, "Broker id must not be empty");
        if (auto problem = wrong_broker(name, ""); !problem.empty())
          return refused(ErrorCode::invalid_request, std::move(problem));
        return loggers(wanted);
    }
    return refused(ErrorCode::invalid_request, std::nullopt);
  }

  // Empty when `name` is this broker.
  std::string wrong_broker(std::string_view name, std::string_view alternative) const {
    const NodeId own = context_.doors.settings->node_id;
    const auto id = broker_number(name);
    if (!id) return fmt::format("Broker id must be an integer, but it is: {}", name);
    if (*id == own) return {};
    return fmt::format("Unexpected broker id, expected {}{} but received {}", own, alternative, name);
  }

  Result shown(const Asked& resource, const std::vector<ShownConfig>& configs) const {
    Result result;
    for (const ShownConfig& config : configs) result.configs.push_back(entry(resource, config));
    return result;
  }

  Result loggers(const WantedKeys& wanted) const {
    Result result;
    for (const auto& [name, level] : context_.doors.log_levels->all()) {
      if (!wanted(name)) continue;
      Entry& entry = result.configs.emplace_back();
      entry.name = name;
      entry.value = log_level_name(level);
      entry.config_source = static_cast<std::int8_t>(ConfigSource::logger);
    }
    return result;
  }

  Entry entry(const Asked& resource, const ShownConfig& config) const {
    const ConfigKey* key = config.key;
    const bool sensitive = key == nullptr || key->sensitive();
    const bool of_broker = static_cast<ResourceType>(resource.resource_type) == ResourceType::broker;
    const bool exact = key != nullptr && key->name == config.name;
    Entry entry;
    entry.name = config.name;
    entry.value.reset();
    if (config.value && !sensitive) entry.value = *config.value;
    entry.config_source =
        static_cast<std::int8_t>(config.found.empty() ? ConfigSource::by_default : config.found.front().source);
    entry.is_sensitive = sensitive;
    entry.read_only = of_broker && (!exact || key->dynamic == configs::DynamicMode::read_only);
    entry.config_type = key == nullptr ? std::int8_t{0} : static_cast<std::int8_t>(key->type);
    entry.documentation.reset();
    const bool documented = exact && (!of_broker || key->visibility == configs::Visibility::visible);
    if (request_.include_documentation && documented) entry.documentation = wire::Text::borrow(key->doc);
    if (!request_.include_synonyms) return entry;
    for (const ConfigValue& one : config.found) {
      auto& synonym = entry.synonyms.emplace_back();
      synonym.name = one.name;
      synonym.value.reset();
      if (!sensitive) synonym.value = one.value;
      synonym.source = static_cast<std::int8_t>(one.source);
    }
    return entry;
  }

  const DescribeConfigsRequest& request_;
  RequestContext& context_;
  ConfigValues values_;
};

}  // namespace

io::Task<DescribeConfigsResponse> describe_configs(const DescribeConfigsRequest& request, RequestContext& context) {
  DescribeConfigsResponse response;
  Describing describing(request, context);
  // One resource of a type that nobody knows spoils the whole request.
  const bool readable = std::ranges::all_of(request.resources, is_known);
  Pace pace(*context.doors.reactor);
  std::size_t entries = 0;
  for (const auto& resource : request.resources) {
    WantedKeys wanted(resource.configuration_keys);
    while (wanted.step()) co_await pace.next_turn();
    Result& result = response.results.emplace_back(readable ? describing.describe(resource, wanted, entries)
                                                            : Describing::malformed(resource));
    entries += result.configs.size();
    if (pace.ends_turn(1 + result.configs.size())) co_await pace.next_turn();
  }
  co_return response;
}

}  // namespace highwater::server
