#include "engine/quorum/describe_quorum.h"

#include <doctest/doctest.h>

#include "protocol/api/error_code.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"

namespace highwater::engine {

namespace {

const Uuid directory = Uuid::from_halves(5, 6);

raft::Raft leading(std::int16_t kraft_version = 1) {
  raft::RaftStart start;
  start.self = {{1, directory}, {{"CONTROLLER", "localhost", 9093}}, 0, 1};
  start.voters = {start.self};
  start.kraft_version = kraft_version;
  auto raft = *raft::Raft::create(std::move(start));
  raft.campaign();
  raft.on_persisted();
  raft.on_persisted();
  raft.on_appended(3);
  raft.on_durable(3);
  return raft;
}

messages::DescribeQuorumRequest about(std::string_view topic, std::int32_t index) {
  messages::DescribeQuorumRequest request;
  request.topics.emplace_back();
  request.topics[0].topic_name = topic;
  request.topics[0].partitions.emplace_back();
  request.topics[0].partitions[0].partition_index = index;
  return request;
}

}  // namespace

TEST_CASE("the leader of a quorum of one is its only voter, up to date with itself, at its own listeners") {
  const raft::Raft raft = leading();
  const auto answer = describe_quorum(about("__cluster_metadata", 0), {raft, 5, WallTime{77}});
  const auto& partition = answer.topics.at(0).partitions.at(0);
  CHECK(partition.error_code == 0);
  CHECK(partition.leader_id == 1);
  CHECK(partition.leader_epoch == 1);
  CHECK(partition.high_watermark == 3);
  CHECK(partition.observers.empty());
  REQUIRE(partition.current_voters.size() == 1);
  const auto& voter = partition.current_voters[0];
  CHECK(voter.replica_directory_id == directory);
  CHECK(voter.log_end_offset == 5);
  CHECK(voter.last_fetch_timestamp == 77);
  CHECK(voter.last_caught_up_timestamp == 77);
  CHECK(answer.nodes.at(0).listeners.at(0).port == 9093);
}

TEST_CASE("a voter of a static quorum has no directory id") {
  const raft::Raft raft = leading(0);
  const auto answer = describe_quorum(about("__cluster_metadata", 0), {raft, 5, WallTime{77}});
  CHECK(answer.topics.at(0).partitions.at(0).current_voters.at(0).replica_directory_id == Uuid{});
}

TEST_CASE("any other partition is unknown, and so is the metadata log beside another one") {
  const raft::Raft raft = leading();
  auto both = about("__cluster_metadata", 0);
  both.topics.push_back(about("t", 1).topics[0]);
  for (const auto& request : {about("t", 0), about("__cluster_metadata", 1), both}) {
    const auto answer = describe_quorum(request, {raft, 5, WallTime{77}});
    CHECK(answer.error_code == 0);
    CHECK(answer.nodes.empty());
    REQUIRE(answer.topics.size() == request.topics.size());
    for (const auto& topic : answer.topics) {
      CHECK(topic.partitions.at(0).error_code == api::wire_code(api::ErrorCode::unknown_topic_or_partition));
    }
  }
}

}  // namespace highwater::engine
