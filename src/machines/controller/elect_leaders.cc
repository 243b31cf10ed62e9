// ElectLeaders: another leader on request. Kafka: ReplicationControlManager.electLeaders (KIP-183, KIP-460).
#include <fmt/core.h>

#include <utility>

#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/refusals.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::ElectLeadersRequest;
using Response = messages::ElectLeadersResponse;

enum class ElectionType : std::int8_t { preferred = 0, unclean = 1 };

constexpr const char* not_needed = "Leader election not needed for topic partition.";
constexpr const char* no_preferred_leader = "The preferred leader was not available.";
constexpr const char* no_eligible_leader = "Eligible topic partition leaders are not available.";

Response::PartitionResult result_of(std::int32_t index, const std::optional<Refusal>& refused, TextAllowance& texts) {
  Response::PartitionResult result;
  result.partition_id = index;
  result.error_message.reset();
  if (!refused.has_value()) return result;
  result.error_code = api::wire_code(refused->error);
  if (refused->message.has_value() && texts.covers(*refused->message)) result.error_message = *refused->message;
  return result;
}

}  // namespace

std::optional<Refusal> Controller::elect_leader(const metadata::TopicImage& topic, std::int32_t index,
                                                ElectionRule rule, metadata::Records& records) const {
  const metadata::PartitionImage* partition = topic.find_partition(index);
  if (partition == nullptr) {
    return Refusal{ErrorCode::unknown_topic_or_partition, fmt::format("No such partition as {}-{}", topic.name, index)};
  }
  const bool preferred = rule == ElectionRule::preferred;
  const bool in_place = preferred ? partition->leader == partition->replicas.at(0) : partition->leader != no_node;
  if (in_place) return Refusal{ErrorCode::election_not_needed, not_needed};
  PartitionRules rules = rules_for(topic, *partition);
  rules.election = rule;
  PartitionShift shift;
  shift.target_isr = partition->isr;
  auto change = change_partition({topic.id, index}, *partition, rules, Electorate{*image_, no_node, no_node}, shift);
  if (!change.has_value()) {
    return preferred ? Refusal{ErrorCode::preferred_leader_not_available, no_preferred_leader}
                     : Refusal{ErrorCode::eligible_leaders_not_available, no_eligible_leader};
  }
  records.push_back(std::move(*change));
  return std::nullopt;
}

// Every partition; those that need no election are not in the answer, their topics are.
void Controller::elect_everywhere(ElectionRule rule, Decision<Response>& decision) const {
  TextAllowance texts;
  for (const auto& [name, id] : image_->topic_names()) {
    const metadata::TopicImage& image = *image_->find_topic(id);
    auto& topic = decision.answer.replica_election_results.emplace_back();
    topic.topic = name;
    for (const auto& [index, partition] : image.partitions) {
      const auto refused = elect_leader(image, index, rule, decision.records);
      if (refused.has_value() && refused->error == ErrorCode::election_not_needed) continue;
      topic.partition_result.push_back(result_of(index, refused, texts));
    }
  }
}

Decision<Response> Controller::elect_leaders(const Request& request) {
  Decision<Response> decision;
  decision.atomicity = Atomicity::divisible;
  if (request.topic_partitions.has_value() && request.topic_partitions->empty()) return decision;
  const auto type = static_cast<ElectionType>(request.election_type);
  if (type != ElectionType::preferred && type != ElectionType::unclean) {
    decision.answer = refused<Response>(
        request,
        {ErrorCode::invalid_request, fmt::format("Unknown election type {}", static_cast<int>(request.election_type))});
    return decision;
  }
  const ElectionRule rule = type == ElectionType::preferred ? ElectionRule::preferred : ElectionRule::unclean;
  if (!request.topic_partitions.has_value()) {
    elect_everywhere(rule, decision);
  } else {
    TextAllowance texts;
    for (const auto& wanted : *request.topic_partitions) {
      const metadata::TopicImage* image = image_->find_topic(wanted.topic.view());
      std::optional<Refusal> unknown;
      if (image == nullptr)
        unknown = {ErrorCode::unknown_topic_or_partition, fmt::format("No such topic as {}", wanted.topic.view())};
      auto& topic = decision.answer.replica_election_results.emplace_back();
      topic.topic = wanted.topic.owned();
      for (const std::int32_t index : wanted.partitions) {
        std::optional<Refusal> refused;
        if (image != nullptr) refused = elect_leader(*image, index, rule, decision.records);
        topic.partition_result.push_back(result_of(index, image == nullptr ? unknown : refused, texts));
      }
    }
  }
  if (decision.records.size() > records_per_operation_max) {
    decision.records.clear();
    decision.answer = refused<Response>(request, too_large_operation());
  }
  return decision;
}

}  // namespace highwater::controller
