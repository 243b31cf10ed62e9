// DescribeClientQuotas: answered from the image (Kafka: ClientQuotasImage.describe, KIP-546).
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "machines/controller/quota_keys.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_client_quotas_request.h"
#include "protocol/messages/describe_client_quotas_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using controller::quota_client_id;
using controller::quota_ip;
using controller::quota_user;
using messages::DescribeClientQuotasRequest;
using messages::DescribeClientQuotasResponse;

enum class MatchType : std::int8_t { exact = 0, default_entity = 1, any = 2 };

struct Wanted {
  MatchType match = MatchType::any;
  std::optional<std::string> name;  // of an exact match
};
using Filter = std::map<std::string, Wanted, std::less<>>;

struct Problem {
  ErrorCode error = ErrorCode::none;
  std::string text;
};

Problem invalid(std::string text) { return {ErrorCode::invalid_request, std::move(text)}; }

Problem add_component(const DescribeClientQuotasRequest::ComponentData& component, Filter& filter) {
  const std::string type = component.entity_type.str();
  if (type.empty()) return invalid("Invalid empty entity type.");
  if (filter.contains(type)) {
    return invalid(fmt::format("Entity type {} cannot appear more than once in the filter.", type));
  }
  if (type != quota_ip && type != quota_user && type != quota_client_id) {
    return {ErrorCode::unsupported_version, fmt::format("Unsupported entity type {}", type)};
  }
  const auto match = static_cast<MatchType>(component.match_type);
  const bool known = match == MatchType::exact || match == MatchType::default_entity || match == MatchType::any;
  if (!known) return invalid(fmt::format("Unknown match type {}", static_cast<int>(component.match_type)));
  if (match == MatchType::exact && !component.match.has_value()) {
    return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.");
  }
  if (match != MatchType::exact && component.match.has_value()) {
    return invalid(fmt::format("Request specified {}, but also specified a match string.",
                               match == MatchType::any ? "MATCH_TYPE_SPECIFIED" : "MATCH_TYPE_DEFAULT"));
  }
  Wanted wanted{match, std::nullopt};
  if (component.match.has_value()) wanted.name = component.match->str();
  filter.emplace(type, std::move(wanted));
  return {};
}

Problem read_filter(const DescribeClientQuotasRequest& request, Filter& filter) {
  for (const auto& component : request.components) {
    Problem problem = add_component(component, filter);
    if (problem.error != ErrorCode::none) return problem;
  }
  if (filter.contains(quota_ip) && filter.size() > 1) {
    return invalid(
        "Invalid entity filter component combination. IP filter component should not be used with user or clientId "
        "filter component.");
  }
  return {};
}

bool matches(const metadata::QuotaEntity& entity, const Filter& filter, bool strict) {
  if (strict && entity.size() != filter.size()) return false;
  const auto fits = [&](const auto& entry) {
    const auto part = std::ranges::find(entity, entry.first, &metadata::QuotaEntityPart::type);
    if (part == entity.end()) return false;
    return entry.second.match == MatchType::any || part->name == entry.second.name;
  };
  return std::ranges::all_of(filter, fits);
}

}  // namespace

io::Task<DescribeClientQuotasResponse> describe_client_quotas(const DescribeClientQuotasRequest& request,
                                                              RequestContext& context) {
  DescribeClientQuotasResponse response;
  Filter filter;
  const bool allowed = context.allows(Operation::describe_configs, Resource::cluster, cluster_resource);
  const Problem problem = allowed ? read_filter(request, filter)
                                  : Problem{ErrorCode::cluster_authorization_failed,
                                            std::string(api::error_text(ErrorCode::cluster_authorization_failed))};
  if (problem.error != ErrorCode::none) {
    response.error_code = api::wire_code(problem.error);
    response.error_message = problem.text;
    response.entries.reset();
    co_return response;
  }
  for (const auto& [entity, values] : context.image->client_quotas()) {
    if (!matches(entity, filter, request.strict)) continue;
    auto& entry = response.entries->emplace_back();
    for (const auto& part : entity) {
      auto& shown = entry.entity.emplace_back();
      shown.entity_type = part.type;
      shown.entity_name.reset();
      if (part.name.has_value()) shown.entity_name = *part.name;
    }
    for (const auto& [key, value] : values) {
      auto& shown = entry.values.emplace_back();
      shown.key = key;
      shown.value = value;
    }
  }
  co_return response;
}

}  // namespace highwater::server
