#include "engine/quorum/describe_quorum.h"

#include <utility>

#include "protocol/api/error_code.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"

namespace highwater::engine {

namespace {

using messages::DescribeQuorumRequest;
using messages::DescribeQuorumResponse;

constexpr std::string_view topic_name = "__cluster_metadata";

DescribeQuorumResponse unknown(const DescribeQuorumRequest& request) {
  constexpr auto error = api::ErrorCode::unknown_topic_or_partition;
  DescribeQuorumResponse response;
  for (const auto& asked : request.topics) {
    DescribeQuorumResponse::TopicData topic;
    topic.topic_name = asked.topic_name.owned();
    for (const auto& each : asked.partitions) {
      DescribeQuorumResponse::PartitionData partition;
      partition.partition_index = each.partition_index;
      partition.error_code = api::wire_code(error);
      partition.error_message = api::error_text(error);
      topic.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(topic));
  }
  return response;
}

DescribeQuorumResponse::Node node_of(const raft::Voter& voter) {
  DescribeQuorumResponse::Node node;
  node.node_id = voter.key.id;
  for (const auto& endpoint : voter.endpoints) {
    DescribeQuorumResponse::Listener listener;
    listener.name = endpoint.listener;
    listener.host = endpoint.host;
    listener.port = endpoint.port;
    node.listeners.push_back(std::move(listener));
  }
  return node;
}

}  // namespace

bool asks_for_metadata_log(const DescribeQuorumRequest& request) {
  return request.topics.size() == 1 && request.topics[0].topic_name == topic_name &&
         request.topics[0].partitions.size() == 1 && request.topics[0].partitions[0].partition_index == 0;
}

DescribeQuorumResponse describe_quorum(const DescribeQuorumRequest& request, const QuorumLeader& leader) {
  if (!asks_for_metadata_log(request)) return unknown(request);
  DescribeQuorumResponse::PartitionData partition;
  partition.leader_id = leader.raft.leader();
  partition.leader_epoch = leader.raft.epoch();
  partition.high_watermark = leader.raft.high_watermark().value_or(no_offset);
  DescribeQuorumResponse response;
  for (const raft::Voter& voter : leader.raft.voters()) {
    messages::describe_quorum_response_parts::ReplicaState state;
    state.replica_id = voter.key.id;
    // A static quorum goes by ids alone.
    if (leader.raft.kraft_version() > 0) state.replica_directory_id = voter.key.directory;
    // The only voter is the leader, and always up to date with itself.
    state.log_end_offset = leader.log_end;
    state.last_fetch_timestamp = leader.now.ms;
    state.last_caught_up_timestamp = leader.now.ms;
    partition.current_voters.push_back(std::move(state));
    response.nodes.push_back(node_of(voter));
  }
  DescribeQuorumResponse::TopicData topic;
  topic.topic_name = topic_name;
  topic.partitions.push_back(std::move(partition));
  response.topics.push_back(std::move(topic));
  return response;
}

}  // namespace highwater::engine
