// CreatePartitions: more partitions for topics that exist. Each topic is decided alone; what is decided is one batch.
// Kafka: ControllerApis.createPartitions, ReplicationControlManager.createPartitions.
#include <fmt/core.h>

#include <set>
#include <utility>

#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/manual_assignment.h"
#include "machines/controller/refusals.h"
#include "machines/controller/replica_placement.h"
#include "machines/metadata/snapshot.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::CreatePartitionsRequest;
using Response = messages::CreatePartitionsResponse;
using Wish = Request::CreatePartitionsTopic;
using Placement = Result<std::vector<std::vector<NodeId>>, Refusal>;

Response::CreatePartitionsTopicResult result_of(std::string_view name, const Refusal& why) {
  Response::CreatePartitionsTopicResult result;
  result.name = name;
  result.error_code = api::wire_code(why.error);
  if (why.message.has_value()) result.error_message = *why.message;
  return result;
}

// How many partitions come to those that are there.
Result<std::int32_t, Refusal> growth(const metadata::TopicImage& topic, const Wish& wish) {
  const auto present = static_cast<std::int32_t>(topic.partitions.size());
  if (wish.count == present) {
    return refusal(ErrorCode::invalid_partitions, fmt::format("Topic already has {} partition(s).", present));
  }
  if (wish.count < present) {
    return refusal(ErrorCode::invalid_partitions,
                   fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.", topic.name,
                               present, wish.count));
  }
  const std::int32_t additional = wish.count - present;
  if (wish.assignments.has_value() && wish.assignments->size() != static_cast<std::size_t>(additional)) {
    return refusal(ErrorCode::invalid_replica_assignment,
                   fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                               additional, wish.assignments->size()));
  }
  return additional;
}

Placement assigned(const metadata::MetadataImage& image, const metadata::TopicImage& topic, const Wish& wish) {
  const std::size_t replicas = topic.find_partition(0)->replicas.size();
  std::vector<std::vector<NodeId>> placed;
  auto index = static_cast<std::int32_t>(topic.partitions.size());
  for (const auto& assignment : *wish.assignments) {
    auto problem = assignment_problem(image, assignment.broker_ids, replicas);
    if (problem.empty()) problem = leadership_problem(image, assignment.broker_ids, index);
    if (!problem.empty()) return refusal(ErrorCode::invalid_replica_assignment, std::move(problem));
    placed.push_back(assignment.broker_ids);
    ++index;
  }
  return placed;
}

}  // namespace

std::optional<Refusal> Controller::add_partitions(const Wish& wish, Random& random, metadata::Records& records) const {
  const metadata::TopicImage* topic = image_->find_topic(wish.name.view());
  // Kafka's exception carries the generic text, which it leaves out.
  if (topic == nullptr) return Refusal{ErrorCode::unknown_topic_or_partition, std::nullopt};
  const auto additional = growth(*topic, wish);
  if (!additional.has_value()) return additional.error();
  if (records.size() + static_cast<std::size_t>(*additional) > records_per_operation_max) {
    return Refusal{ErrorCode::unknown_server_error, std::nullopt};
  }
  const auto replicas = static_cast<std::int16_t>(topic->find_partition(0)->replicas.size());
  const auto not_placed = [&](std::string_view why) {
    return Refusal{ErrorCode::invalid_replication_factor,
                   fmt::format("Unable to replicate the partition {} time(s): {}", replicas, why)};
  };
  Placement placed;
  if (wish.assignments.has_value()) {
    placed = assigned(*image_, *topic, wish);
    if (!placed.has_value()) return placed.error();
  } else {
    auto striped = place_replicas(*image_, heartbeats_, {*additional, replicas}, random);
    if (!striped.has_value()) return Refusal{ErrorCode::invalid_replication_factor, std::move(striped.error().text)};
    placed = std::move(*striped);
  }
  metadata::Records added;
  auto index = static_cast<std::int32_t>(topic->partitions.size());
  for (auto& brokers : *placed) {
    const auto partition = fresh_partition(*image_, std::move(brokers));
    if (!partition.has_value()) return not_placed("All brokers are currently fenced or in controlled shutdown.");
    added.push_back(metadata::partition_record(topic->id, index++, *partition, image_->metadata_version()));
  }
  std::ranges::move(added, std::back_inserter(records));
  return std::nullopt;
}

Decision<Response> Controller::create_partitions(const Request& request, Random& random) {
  Decision<Response> decision;
  std::set<std::string_view> seen;
  std::set<std::string_view> repeated;
  for (const auto& topic : request.topics) {
    if (!seen.insert(topic.name.view()).second) repeated.insert(topic.name.view());
  }
  for (const auto name : repeated) {
    decision.answer.results.push_back(result_of(name, {ErrorCode::invalid_request, "Duplicate topic name."}));
  }
  for (const auto& topic : request.topics) {
    if (repeated.contains(topic.name.view())) continue;
    const auto refused = add_partitions(topic, random, decision.records);
    decision.answer.results.push_back(
        result_of(topic.name.view(), refused.value_or(Refusal{ErrorCode::none, std::nullopt})));
  }
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace highwater::controller
