// UpdateFeatures: handed to the controller. v1 upgrade types and validate only (KIP-778) · v2 no result per feature
#include <utility>

#include "protocol/api/versions.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"
#include "server/handlers/controller_call.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::UpdateFeaturesRequest;
using messages::UpdateFeaturesResponse;

io::Task<UpdateFeaturesResponse> update_features(const UpdateFeaturesRequest& request, RequestContext& context) {
  auto handed_on = hand_on<UpdateFeaturesResponse>(request, context, Operation::alter, controller_caller(context));
  auto response = co_await std::move(handed_on);
  if (response.error_code == 0 && api::update_features_answers_each(context.version())) {
    for (const auto& update : request.feature_updates) {
      auto& result = response.results.emplace_back();
      result.feature = update.feature.owned();
      result.error_message = "NONE";  // the text of Kafka's code 0
    }
  }
  co_return response;
}

}  // namespace highwater::server
