#include "machines/controller/refusals.h"

#include <set>
#include <string_view>
#include <utility>

#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace highwater::controller {

namespace {

template <class Result>
void set_error(const Refusal& why, Result& result) {
  result.error_code = api::wire_code(why.error);
  if constexpr (requires { result.error_message; }) {
    result.error_message.reset();
    if (why.message.has_value()) result.error_message = *why.message;
  }
}

template <class Request, class Response>
void refuse_resources(const Request& request, const Refusal& why, Response& answer) {
  for (const auto& resource : request.resources) {
    auto& result = answer.responses.emplace_back();
    set_error(why, result);
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name.owned();
  }
}

}  // namespace

Refusal too_large_operation() {
  return {api::ErrorCode::policy_violation, "Unable to perform excessively large batch operation."};
}

void refuse(const messages::AlterConfigsRequest& request, const Refusal& why, messages::AlterConfigsResponse& answer) {
  refuse_resources(request, why, answer);
}

void refuse(const messages::IncrementalAlterConfigsRequest& request, const Refusal& why,
            messages::IncrementalAlterConfigsResponse& answer) {
  refuse_resources(request, why, answer);
}

void refuse(const messages::AlterPartitionReassignmentsRequest& request, const Refusal& why,
            messages::AlterPartitionReassignmentsResponse& answer) {
  set_error(why, answer);
  for (const auto& topic : request.topics) {
    auto& result = answer.responses.emplace_back();
    result.name = topic.name.owned();
    for (const auto& partition : topic.partitions) {
      auto& part = result.partitions.emplace_back();
      part.partition_index = partition.partition_index;
      set_error(why, part);
    }
  }
}

void refuse(const messages::AlterUserScramCredentialsRequest& request, const Refusal& why,
            messages::AlterUserScramCredentialsResponse& answer) {
  std::set<std::string_view> users;
  for (const auto& deletion : request.deletions) users.insert(deletion.name.view());
  for (const auto& upsertion : request.upsertions) users.insert(upsertion.name.view());
  for (const auto user : users) {
    auto& result = answer.results.emplace_back();
    result.user = user;
    set_error(why, result);
  }
}

void refuse(const messages::AlterClientQuotasRequest& request, const Refusal& why,
            messages::AlterClientQuotasResponse& answer) {
  for (const auto& entry : request.entries) {
    auto& result = answer.entries.emplace_back();
    set_error(why, result);
    for (const auto& part : entry.entity) {
      auto& shown = result.entity.emplace_back();
      shown.entity_type = part.entity_type.owned();
      shown.entity_name.reset();
      if (part.entity_name.has_value()) shown.entity_name = part.entity_name->owned();
    }
  }
}

void refuse(const messages::CreatePartitionsRequest& request, const Refusal& why,
            messages::CreatePartitionsResponse& answer) {
  for (const auto& topic : request.topics) {
    auto& result = answer.results.emplace_back();
    result.name = topic.name.owned();
    set_error(why, result);
  }
}

void refuse(const messages::CreateTopicsRequest& request, const Refusal& why, messages::CreateTopicsResponse& answer) {
  for (const auto& topic : request.topics) {
    auto& result = answer.topics.emplace_back();
    result.name = topic.name.owned();
    set_error(why, result);
  }
}

void refuse(const messages::DeleteTopicsRequest& request, const Refusal& why, messages::DeleteTopicsResponse& answer) {
  const auto add = [&](std::optional<wire::Text> name, const Uuid& id) {
    auto& result = answer.responses.emplace_back();
    result.name = std::move(name);
    result.topic_id = id;
    result.error_code = api::wire_code(why.error);  // Kafka leaves the message out here
  };
  for (const auto& name : request.topic_names) add(name.owned(), {});
  for (const auto& topic : request.topics) {
    add(topic.name.has_value() ? std::optional(topic.name->owned()) : std::nullopt, topic.topic_id);
  }
}

void refuse(const messages::ElectLeadersRequest& request, const Refusal& why, messages::ElectLeadersResponse& answer) {
  answer.error_code = api::wire_code(why.error);
  if (!request.topic_partitions.has_value()) return;
  for (const auto& topic : *request.topic_partitions) {
    auto& result = answer.replica_election_results.emplace_back();
    result.topic = topic.topic.owned();
    for (const std::int32_t partition : topic.partitions) {
      auto& part = result.partition_result.emplace_back();
      part.partition_id = partition;
      set_error(why, part);
    }
  }
}

}  // namespace highwater::controller
