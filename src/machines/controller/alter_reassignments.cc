// AlterPartitionReassignments and ListPartitionReassignments: where partitions shall live, and which are on their way.
// Kafka: ReplicationControlManager (KIP-455, KIP-860).
#include <fmt/core.h>

#include <set>
#include <utility>

#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/manual_assignment.h"
#include "machines/controller/reassignment.h"
#include "machines/controller/refusals.h"
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::AlterPartitionReassignmentsRequest;
using Response = messages::AlterPartitionReassignmentsResponse;
using ListRequest = messages::ListPartitionReassignmentsRequest;
using ListResponse = messages::ListPartitionReassignmentsResponse;
using Shift = Result<PartitionShift, Refusal>;

// The replication factor that the partition has, or will have after what is going on.
std::size_t settled_factor(const metadata::PartitionImage& partition) {
  if (!is_reassigning(partition)) return partition.replicas.size();
  std::set<NodeId> staying(partition.replicas.begin(), partition.replicas.end());
  staying.insert(partition.adding.begin(), partition.adding.end());
  for (const NodeId node : partition.removing) staying.erase(node);
  return staying.size();
}

Shift move(const metadata::MetadataImage& image, const metadata::PartitionImage& partition,
           const std::vector<NodeId>& wanted, bool factor_may_change) {
  auto problem = assignment_problem(image, wanted, std::nullopt);
  if (!problem.empty()) return refusal(ErrorCode::invalid_replica_assignment, std::move(problem));
  const std::size_t factor = settled_factor(partition);
  if (!factor_may_change && factor != wanted.size()) {
    return refusal(ErrorCode::invalid_replication_factor,
                   fmt::format("The replication factor is changed from {} to {}", factor, wanted.size()));
  }
  Reassignment begun = begin_reassignment(partition.replicas, wanted);
  PartitionShift shift;
  shift.target_isr = partition.isr;
  shift.replicas = std::move(begun.replicas);
  if (!begun.removing.empty()) shift.removing = std::move(begun.removing);
  if (!begun.adding.empty()) shift.adding = std::move(begun.adding);
  return shift;
}

Shift cancel(std::string_view topic, std::int32_t index, const metadata::PartitionImage& partition,
             ElectionRule election) {
  if (!is_reassigning(partition)) return std::unexpected(Refusal{ErrorCode::no_reassignment_in_progress, std::nullopt});
  auto reverted = reverted_reassignment(partition);
  if (!reverted.has_value()) {
    return refusal(ErrorCode::invalid_replica_assignment,
                   "Invalid replica assignment: addingReplicas contains all replicas.");
  }
  if (reverted->unclean && election != ElectionRule::unclean) {
    return refusal(ErrorCode::invalid_replica_assignment,
                   fmt::format("Unable to revert partition assignment for {}:{} because it would require an unclean "
                               "leader election.",
                               topic, index));
  }
  PartitionShift shift;
  shift.target_isr = std::move(reverted->isr);
  shift.replicas = std::move(reverted->replicas);
  shift.removing.emplace();
  shift.adding.emplace();
  return shift;
}

void list_topic(const metadata::TopicImage& topic, const std::vector<std::int32_t>& indexes, ListResponse& answer) {
  ListResponse::OngoingTopicReassignment ongoing;
  ongoing.name = topic.name;
  for (const std::int32_t index : indexes) {
    const metadata::PartitionImage* partition = topic.find_partition(index);
    if (partition == nullptr || !is_reassigning(*partition)) continue;
    auto& shown = ongoing.partitions.emplace_back();
    shown.partition_index = index;
    shown.replicas = partition->replicas;
    shown.adding_replicas = partition->adding;
    shown.removing_replicas = partition->removing;
  }
  if (!ongoing.partitions.empty()) answer.topics.push_back(std::move(ongoing));
}

}  // namespace

std::optional<Refusal> Controller::reassign(const metadata::TopicImage& topic,
                                            const Request::ReassignablePartition& target, FactorChange factor_change,
                                            metadata::Records& records) const {
  const metadata::PartitionImage* partition = topic.find_partition(target.partition_index);
  if (partition == nullptr) {
    return Refusal{ErrorCode::unknown_topic_or_partition,
                   fmt::format("Unable to find partition {}:{}.", topic.name, target.partition_index)};
  }
  PartitionRules rules = rules_for(topic, *partition);
  const Shift shift = target.replicas.has_value()
                          ? move(*image_, *partition, *target.replicas, factor_change == FactorChange::allowed)
                          : cancel(topic.name, target.partition_index, *partition, rules.election);
  if (!shift.has_value()) return shift.error();
  if (target.replicas.has_value()) rules.election = ElectionRule::clean;
  auto change = change_partition({topic.id, target.partition_index}, *partition, rules,
                                 Electorate{*image_, no_node, no_node}, *shift);
  if (!change.has_value()) return std::nullopt;
  if (records.size() == records_per_operation_max) return Refusal{ErrorCode::unknown_server_error, std::nullopt};
  records.push_back(std::move(*change));
  return std::nullopt;
}

Decision<Response> Controller::alter_reassignments(const Request& request) {
  Decision<Response> decision;
  if (request.topics.empty()) return decision;
  decision.answer.error_message.reset();
  decision.answer.allow_replication_factor_change = request.allow_replication_factor_change;
  const FactorChange factor_change =
      request.allow_replication_factor_change ? FactorChange::allowed : FactorChange::refused;
  TextAllowance texts;
  for (const auto& topic : request.topics) {
    auto& shown = decision.answer.responses.emplace_back();
    shown.name = topic.name.owned();
    const metadata::TopicImage* image = image_->find_topic(topic.name.view());
    std::optional<Refusal> refused;
    if (image == nullptr)
      refused = {ErrorCode::unknown_topic_or_partition,
                 fmt::format("Unable to find a topic named {}.", topic.name.view())};
    for (const auto& partition : topic.partitions) {
      if (image != nullptr) refused = reassign(*image, partition, factor_change, decision.records);
      auto& result = shown.partitions.emplace_back();
      result.partition_index = partition.partition_index;
      result.error_message.reset();
      if (!refused.has_value()) continue;
      result.error_code = api::wire_code(refused->error);
      if (refused->message.has_value() && texts.covers(*refused->message)) result.error_message = *refused->message;
    }
  }
  return decision;
}

Decision<ListResponse> Controller::list_reassignments(const ListRequest& request) const {
  Decision<ListResponse> decision;
  decision.answer.error_message.reset();
  if (request.topics.has_value()) {
    for (const auto& wanted : *request.topics) {
      const metadata::TopicImage* topic = image_->find_topic(wanted.name.view());
      if (topic != nullptr) list_topic(*topic, wanted.partition_indexes, decision.answer);
    }
    return decision;
  }
  std::map<Uuid, std::vector<std::int32_t>> moving;
  for (const TopicPartition& where : index_.reassigning()) moving[where.topic_id].push_back(where.index);
  for (const auto& [id, indexes] : moving) list_topic(*image_->find_topic(id), indexes, decision.answer);
  return decision;
}

}  // namespace highwater::controller
