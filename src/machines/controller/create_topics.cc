#include <fmt/core.h>

#include <set>
#include <utility>

#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/topic_names.h"
#include "machines/controller/wanted_topic.h"
#include "machines/metadata/features.h"
#include "machines/metadata/snapshot.h"
#include "protocol/messages/create_topics_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::CreateTopicsRequest;
using Response = messages::CreateTopicsResponse;

constexpr std::string_view metadata_topic_name = "__cluster_metadata";

Response::CreatableTopicResult refusal(std::string_view name, ErrorCode error, std::string_view problem) {
  Response::CreatableTopicResult result;
  result.name = name;
  result.error_code = api::wire_code(error);
  result.error_message = problem;
  return result;
}

// Names that stand more than once in the request; none of them is created.
std::set<std::string> repeated_names(const Request& request) {
  std::set<std::string> seen;
  std::set<std::string> repeated;
  for (const auto& topic : request.topics) {
    if (!seen.insert(topic.name.str()).second) repeated.insert(topic.name.str());
  }
  return repeated;
}

std::int64_t partitions_asked_for(const std::vector<const Request::CreatableTopic*>& topics,
                                  std::int32_t default_partitions) {
  std::int64_t total = 0;
  for (const auto* topic : topics) {
    if (!topic->assignments.empty()) {
      total += static_cast<std::int64_t>(topic->assignments.size());
    } else if (topic->num_partitions == -1) {
      total += default_partitions;
    } else if (topic->num_partitions > 0) {
      total += topic->num_partitions;
    }
  }
  return total;
}

Response all_refused(const Request& request, ErrorCode error, std::string_view problem) {
  Response response;
  for (const auto& topic : request.topics) {
    response.topics.push_back(refusal(topic.name.view(), error, problem));
  }
  return response;
}

// A random id of version 4 that Kafka would take: not reserved, not beginning with '-' as text, which tools would take
// for an option (Uuid.randomUuid).
Uuid new_topic_id(Random& random) {
  while (true) {
    std::uint64_t high = random.next();
    std::uint64_t low = random.next();
    high = (high & ~0xF000ull) | 0x4000ull;
    low = (low & ~(3ull << 62)) | (2ull << 62);
    const Uuid id = Uuid::from_halves(high, low);
    if (!id.to_text().starts_with('-')) return id;
  }
}

}  // namespace

bool Controller::name_and_configs_fit(Wanted& wanted) const {
  if (auto problem = topic_name_problem(wanted.name); !problem.empty()) {
    return wanted.refuse(ErrorCode::invalid_topic_exception, std::move(problem));
  }
  if (image_->find_topic(wanted.name) != nullptr) {
    return wanted.refuse(ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", wanted.name));
  }
  if (const auto other = index_.colliding_topic(wanted.name); !other.empty()) {
    return wanted.refuse(ErrorCode::invalid_topic_exception,
                         fmt::format("Topic '{}' collides with existing topic: {}", wanted.name, other));
  }
  std::string without_value;
  for (const auto& config : wanted.wish.configs) {
    if (config.value.has_value()) {
      wanted.configs[config.name.str()] = config.value->str();
    } else {
      without_value += (without_value.empty() ? "" : ",") + config.name.str();
    }
  }
  if (!without_value.empty()) {
    return wanted.refuse(ErrorCode::invalid_config, "Null value not supported for topic configs: " + without_value);
  }
  const auto valid = configs::validate_topic_configs(topic_defaults_, wanted.configs);
  return valid.has_value() || wanted.refuse(ErrorCode::invalid_config, valid.error().text);
}

void Controller::write_topic(const Wanted& wanted, metadata::Records& records) const {
  messages::TopicRecord topic;
  topic.name = wanted.name;
  topic.topic_id = wanted.id;
  records.push_back({std::move(topic), 0});
  for (const auto& [key, value] : wanted.configs) {
    messages::ConfigRecord config;
    config.resource_type = static_cast<std::int8_t>(metadata::ResourceType::topic);
    config.resource_name = wanted.name;
    config.name = key;
    config.value = value;
    records.push_back({std::move(config), 0});
  }
  // With another minimum the eligible replicas of before say nothing any more; Kafka writes this for new topics too.
  if (elr_enabled() && wanted.configs.contains("min.insync.replicas")) {
    messages::ClearElrRecord clear;
    clear.topic_name = wanted.name;
    records.push_back({std::move(clear), 0});
  }
  for (const auto& [index, partition] : wanted.partitions) {
    records.push_back(metadata::partition_record(wanted.id, index, partition, image_->metadata_version()));
  }
}

Decision<Response> Controller::create_topics(const Request& request, Random& random) {
  Decision<Response> decision;
  const auto repeated = repeated_names(request);
  std::vector<const Request::CreatableTopic*> topics;
  for (const auto& topic : request.topics) {
    if (!repeated.contains(topic.name.str()) && topic.name != metadata_topic_name) topics.push_back(&topic);
  }
  if (partitions_asked_for(topics, settings_.default_partitions) > partitions_per_request_max) {
    decision.answer =
        all_refused(request, ErrorCode::policy_violation, "Excessively large number of partitions per request.");
    return decision;
  }
  for (const auto* topic : topics) {
    Wanted wanted{*topic, topic->name.str(), ErrorCode::none, {}, {}, {}, {}};
    if (!name_and_configs_fit(wanted) || !lay_out(wanted, random)) {
      decision.answer.topics.push_back(refusal(wanted.name, wanted.error, wanted.problem));
      continue;
    }
    wanted.id = new_topic_id(random);
    write_topic(wanted, decision.records);
    Response::CreatableTopicResult result;
    describe_topic(wanted, result);
    decision.answer.topics.push_back(std::move(result));
  }
  if (decision.records.size() > records_per_operation_max) {
    decision.records.clear();
    decision.answer =
        all_refused(request, ErrorCode::policy_violation, "Unable to perform excessively large batch operation.");
    return decision;
  }
  for (const auto& name : repeated) {
    decision.answer.topics.push_back(refusal(name, ErrorCode::invalid_request, "Duplicate topic name."));
  }
  for (const auto& topic : request.topics) {
    if (topic.name != metadata_topic_name || repeated.contains(topic.name.str())) continue;
    decision.answer.topics.push_back(refusal(metadata_topic_name, ErrorCode::invalid_request,
                                             "Creation of internal topic __cluster_metadata is prohibited."));
  }
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace highwater::controller
