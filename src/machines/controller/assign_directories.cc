// AssignReplicasToDirs: in which of its directories a broker keeps its replicas.
// Kafka: ReplicationControlManager.handleAssignReplicasToDirs (KIP-858).
#include <algorithm>

#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/metadata/features.h"
#include "protocol/messages/assign_replicas_to_dirs_request.h"
#include "protocol/messages/assign_replicas_to_dirs_response.h"
#include "protocol/messages/partition_change_record.h"

namespace highwater::controller {

using api::ErrorCode;
using Request = messages::AssignReplicasToDirsRequest;
using Response = messages::AssignReplicasToDirsResponse;

// None, or why not; a record when it was elsewhere.
ErrorCode Controller::assign_directory(NodeId broker, const TopicPartition& where, const Uuid& directory,
                                       metadata::Records& records) const {
  const metadata::TopicImage* topic = image_->find_topic(where.topic_id);
  if (topic == nullptr) return ErrorCode::unknown_topic_id;
  const metadata::PartitionImage* partition = topic->find_partition(where.index);
  if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
  const auto replica = std::ranges::find(partition->replicas, broker);
  if (replica == partition->replicas.end()) return ErrorCode::not_leader_or_follower;
  messages::PartitionChangeRecord change;
  change.topic_id = where.topic_id;
  change.partition_id = where.index;
  change.directories = partition->directories;
  change.directories->resize(partition->replicas.size(), metadata::unassigned_directory);
  Uuid& place = (*change.directories)[static_cast<std::size_t>(replica - partition->replicas.begin())];
  if (place == directory) return ErrorCode::none;
  place = directory;
  const std::int16_t version = metadata::partition_change_record_version(image_->metadata_version());
  records.push_back({std::move(change), version});
  return ErrorCode::none;
}

Decision<Response> Controller::assign_replicas_to_dirs(const Request& request) {
  Decision<Response> decision;
  if (!metadata::has_directory_assignment(image_->metadata_version())) {
    decision.answer.error_code = api::wire_code(ErrorCode::unsupported_version);
    return decision;
  }
  decision.answer.error_code = check_epoch(request.broker_id, request.broker_epoch);
  if (decision.answer.error_code != 0) return decision;
  const std::vector<Uuid>& online = image_->find_broker(request.broker_id)->directories;
  PartitionSet lost;
  for (const auto& asked_directory : request.directories) {
    const bool is_online = std::ranges::find(online, asked_directory.id) != online.end();
    auto& directory = decision.answer.directories.emplace_back();
    directory.id = asked_directory.id;
    for (const auto& asked_topic : asked_directory.topics) {
      auto& topic = directory.topics.emplace_back();
      topic.topic_id = asked_topic.topic_id;
      for (const auto& asked : asked_topic.partitions) {
        const TopicPartition where{asked_topic.topic_id, asked.partition_index};
        const ErrorCode error = assign_directory(request.broker_id, where, asked_directory.id, decision.records);
        topic.partitions.push_back({asked.partition_index, api::wire_code(error)});
        if (error == ErrorCode::none && !is_online) lost.insert(where);
      }
    }
  }
  shift_partitions(lost, Electorate{*image_, no_node, request.broker_id}, no_node, decision.records);
  // Kafka knows no limit here; its brokers tell 2,250 places at once.
  if (decision.records.size() > records_per_operation_max) {
    decision.records.clear();
    decision.answer = refused<Response>(request, too_large_operation());
  }
  return decision;
}

}  // namespace highwater::controller
