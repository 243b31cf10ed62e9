// ApiVersions: what this listener serves, and the features of the cluster.
// v3 software name and version (KIP-511), features (KIP-584) · v4 supported features from level 0 on
#include <algorithm>

#include "machines/metadata/features.h"
#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using messages::ApiVersionsRequest;
using messages::ApiVersionsResponse;

bool letter_or_digit(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9');
}

// Kafka refuses a name or version that could confuse whoever reads its metrics: letters and digits, with '-' and '.'
// inside only.
bool is_software_text(std::string_view text) {
  return !text.empty() && letter_or_digit(text.front()) && letter_or_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return letter_or_digit(c) || c == '-' || c == '.'; });
}

std::vector<ApiVersionsResponse::ApiVersion> served(ListenerKind listener) {
  std::vector<ApiVersionsResponse::ApiVersion> list;
  for (const Handler& handler : all_handlers()) {
    if (!handler.advertised_on(listener)) continue;
    ApiVersionsResponse::ApiVersion entry;
    entry.api_key = static_cast<std::int16_t>(handler.key);
    // Old librdkafka switches compression off when Produce does not reach down to version 0 (KAFKA-18659).
    entry.min_version = handler.key == api::ApiKey::produce ? std::int16_t{0} : handler.lowest;
    entry.max_version = handler.highest;
    list.push_back(entry);
  }
  return list;
}

void add_features(const RequestContext& context, ApiVersionsResponse& response) {
  for (const auto& [name, range] : metadata::supported_ranges()) {
    if (range.lowest == 0 && !api::api_versions_lists_zero_minimum(context.version())) continue;
    ApiVersionsResponse::SupportedFeatureKey entry;
    entry.name = name;
    entry.min_version = range.lowest;
    entry.max_version = range.highest;
    response.supported_features.push_back(std::move(entry));
  }
  const auto finalise = [&](std::string_view name, std::int16_t level) {
    if (level == 0) return;
    ApiVersionsResponse::FinalizedFeatureKey entry;
    entry.name = name;
    entry.min_version_level = level;
    entry.max_version_level = level;
    response.finalized_features.push_back(std::move(entry));
  };
  for (const auto& [name, level] : context.image->feature_levels()) finalise(name, level);
  finalise(metadata::kraft_version_feature, context.image->kraft_version());
  // Brokers tell the offset of their image (KRaftMetadataCache), controllers that of the change (FeaturesPublisher).
  const bool at_controller = context.peer.listener->kind == ListenerKind::controller;
  response.finalized_features_epoch = at_controller ? context.image->features_offset() : context.image->offset();
}

}  // namespace

io::Task<ApiVersionsResponse> api_versions(const ApiVersionsRequest& request, RequestContext& context) {
  ApiVersionsResponse response;
  if (api::api_versions_names_software(context.version())) {
    const std::string_view name = request.client_software_name.view();
    const std::string_view version = request.client_software_version.view();
    if (!is_software_text(name) || !is_software_text(version)) {
      response.error_code = api::wire_code(api::ErrorCode::invalid_request);
      co_return response;
    }
    context.peer.software_name = name;
    context.peer.software_version = version;
  }
  response.api_keys = served(context.peer.listener->kind);
  add_features(context, response);
  co_return response;
}

}  // namespace highwater::server
