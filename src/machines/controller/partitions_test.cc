// CreatePartitions, ElectLeaders, reassignments and the departure of a broker.
#include <doctest/doctest.h>

#include "machines/controller/reassignment.h"
#include "machines/controller/test_world.h"
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"

namespace highwater::controller {

namespace {

using namespace world;
using Nodes = std::vector<NodeId>;

enum class Election : std::int8_t { preferred = 0, unclean = 1 };

struct Cluster : World {
  explicit Cluster(std::int16_t elr = 1) : World(elr) {
    for (const NodeId id : {1, 2, 3}) join(id);
  }

  void create_on(std::string_view name, const Nodes& brokers) {
    messages::CreateTopicsRequest request;
    auto topic = wish(name, -1, -1);
    topic.assignments.emplace_back().broker_ids = brokers;
    request.topics.push_back(std::move(topic));
    REQUIRE(take(controller.create_topics(request, random)).topics.at(0).error_code == 0);
  }
  std::int16_t grow(std::string_view name, std::int32_t count, std::optional<std::vector<Nodes>> assignments = {}) {
    messages::CreatePartitionsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.count = count;
    topic.assignments.reset();
    if (assignments.has_value()) {
      topic.assignments.emplace();
      for (const auto& brokers : *assignments) topic.assignments->emplace_back().broker_ids = brokers;
    }
    return take(controller.create_partitions(request, random)).results.at(0).error_code;
  }
  std::int16_t elect(std::string_view name, Election type) {
    messages::ElectLeadersRequest request;
    request.election_type = static_cast<std::int8_t>(type);
    request.topic_partitions.emplace();
    auto& topic = request.topic_partitions->emplace_back();
    topic.topic = name;
    topic.partitions = {0};
    const auto answer = take(controller.elect_leaders(request));
    return answer.replica_election_results.at(0).partition_result.at(0).error_code;
  }
  std::int16_t move(std::string_view name, std::optional<Nodes> brokers, bool factor_may_change = true) {
    messages::AlterPartitionReassignmentsRequest request;
    request.allow_replication_factor_change = factor_may_change;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.partitions.emplace_back().replicas = std::move(brokers);
    return take(controller.alter_reassignments(request)).responses.at(0).partitions.at(0).error_code;
  }
  messages::ListPartitionReassignmentsResponse moving() {
    messages::ListPartitionReassignmentsRequest request;
    request.topics.reset();
    return take(controller.list_reassignments(request));
  }
  void set_isr(std::string_view name, Nodes isr) {
    messages::PartitionChangeRecord record;
    record.topic_id = image->find_topic(name)->id;
    record.partition_id = 0;
    record.isr = std::move(isr);
    apply({{std::move(record), 2}});
  }
};

}  // namespace

TEST_CASE("a topic grows by partitions that are placed or named, and never shrinks") {
  Cluster cluster;
  REQUIRE(cluster.create("grows", 2, 2).error_code == 0);
  CHECK(cluster.grow("grows", 2) == code(ErrorCode::invalid_partitions));
  CHECK(cluster.grow("grows", 1) == code(ErrorCode::invalid_partitions));
  CHECK(cluster.grow("absent", 9) == code(ErrorCode::unknown_topic_or_partition));
  CHECK(cluster.last.empty());
  CHECK(cluster.grow("grows", 4) == 0);
  CHECK(names(cluster.last) == Names{"PartitionRecord", "PartitionRecord"});
  CHECK(cluster.partition("grows", 3).replicas.size() == 2);

  CHECK(cluster.grow("grows", 5, std::vector<Nodes>{{3, 1}}) == 0);
  CHECK(cluster.partition("grows", 4).replicas == Nodes{3, 1});
  CHECK(cluster.partition("grows", 4).leader == 3);
  CHECK(cluster.grow("grows", 6, std::vector<Nodes>{}) == code(ErrorCode::invalid_replica_assignment));
  CHECK(cluster.grow("grows", 6, std::vector<Nodes>{{3}}) == code(ErrorCode::invalid_replica_assignment));
  CHECK(cluster.grow("grows", 6, std::vector<Nodes>{{3, 3}}) == code(ErrorCode::invalid_replica_assignment));
  CHECK(cluster.grow("grows", 6, std::vector<Nodes>{{3, 4}}) == code(ErrorCode::invalid_replica_assignment));
}

TEST_CASE("growth that no batch can hold is refused before any broker is looked for") {
  Cluster cluster;
  REQUIRE(cluster.create("grows").error_code == 0);
  CHECK(cluster.grow("grows", INT32_MAX) == code(ErrorCode::unknown_server_error));
  CHECK(cluster.last.empty());
}

TEST_CASE("the preferred leader leads again when it is back in the ISR and asked for") {
  Cluster cluster;
  cluster.create_on("led", {2, 1});
  CHECK(cluster.elect("led", Election::preferred) == code(ErrorCode::election_not_needed));
  cluster.beat(2, World::Wish::stay_fenced);
  CHECK(cluster.partition("led").leader == 1);
  CHECK(cluster.elect("led", Election::preferred) == code(ErrorCode::preferred_leader_not_available));
  cluster.beat(2, World::Wish::serve);
  CHECK(cluster.elect("led", Election::preferred) == code(ErrorCode::preferred_leader_not_available));
  cluster.set_isr("led", {1, 2});
  CHECK(cluster.elect("led", Election::preferred) == 0);
  CHECK(cluster.partition("led").leader == 2);
  CHECK(cluster.elect("absent", Election::preferred) == code(ErrorCode::unknown_topic_or_partition));
}

TEST_CASE("an unclean election is done only where nobody leads") {
  Cluster cluster(0);
  cluster.create_on("lost", {2, 1});
  CHECK(cluster.elect("lost", Election::unclean) == code(ErrorCode::election_not_needed));
  cluster.set_isr("lost", {2});
  cluster.beat(2, World::Wish::stay_fenced);
  CHECK(cluster.partition("lost").leader == no_node);
  CHECK(cluster.elect("lost", Election::unclean) == 0);
  CHECK(cluster.partition("lost").leader == 1);
  CHECK(cluster.partition("lost").isr == Nodes{1});
  CHECK(cluster.partition("lost").leader_recovery == metadata::LeaderRecovery::recovering);
}

TEST_CASE("an election of everything leaves out what needs none, and names every topic") {
  Cluster cluster;
  cluster.create_on("first", {1, 2});
  cluster.create_on("second", {2, 1});
  cluster.beat(2, World::Wish::stay_fenced);
  messages::ElectLeadersRequest request;
  request.topic_partitions.reset();
  const auto answer = cluster.take(cluster.controller.elect_leaders(request));
  REQUIRE(answer.replica_election_results.size() == 2);
  CHECK(answer.replica_election_results[0].partition_result.empty());
  CHECK(answer.replica_election_results[1].partition_result.size() == 1);
  request.election_type = 7;
  CHECK(cluster.take(cluster.controller.elect_leaders(request)).error_code == code(ErrorCode::invalid_request));
}

TEST_CASE("a partition moves in two steps: new replicas come, and the old ones go when those are in sync") {
  Cluster cluster;
  cluster.create_on("moves", {1, 2});
  CHECK(cluster.move("moves", Nodes{3, 2}) == 0);
  CHECK(cluster.partition("moves").replicas == Nodes{3, 2, 1});
  CHECK(cluster.partition("moves").adding == Nodes{3});
  CHECK(cluster.partition("moves").removing == Nodes{1});
  CHECK(cluster.partition("moves").directories == std::vector<Uuid>{directory_of(3), directory_of(2), directory_of(1)});
  CHECK(cluster.partition("moves").leader == 1);
  REQUIRE(cluster.moving().topics.size() == 1);
  CHECK(cluster.moving().topics[0].partitions.at(0).adding_replicas == Nodes{3});

  // Broker 3 is in sync; the next change of any kind completes the move.
  cluster.set_isr("moves", {1, 2, 3});
  const auto epoch = cluster.partition("moves").leader_epoch;
  cluster.beat(1, World::Wish::stay_fenced);
  CHECK(cluster.partition("moves").replicas == Nodes{3, 2});
  CHECK(cluster.partition("moves").isr == Nodes{2, 3});
  CHECK(cluster.partition("moves").leader == 3);
  CHECK(cluster.partition("moves").leader_epoch > epoch);
  CHECK(cluster.moving().topics.empty());
}

TEST_CASE("another order of the same replicas is done at once, with the leader as it is") {
  Cluster cluster;
  cluster.create_on("turns", {1, 2});
  CHECK(cluster.move("turns", Nodes{2, 1}) == 0);
  CHECK(cluster.partition("turns").replicas == Nodes{2, 1});
  CHECK(cluster.partition("turns").directories == std::vector<Uuid>{directory_of(2), directory_of(1)});
  CHECK(cluster.partition("turns").leader == 1);
  CHECK(cluster.moving().topics.empty());
  CHECK(cluster.move("turns", Nodes{2, 1}) == 0);
  CHECK(cluster.last.empty());
}

TEST_CASE("a move is taken back, and with no old replica in sync only where unclean elections are allowed") {
  Cluster cluster;
  cluster.create_on("back", {1, 2});
  CHECK(cluster.move("back", std::nullopt) == code(ErrorCode::no_reassignment_in_progress));
  REQUIRE(cluster.move("back", Nodes{3, 2}) == 0);
  CHECK(cluster.move("back", std::nullopt) == 0);
  CHECK(cluster.partition("back").replicas == Nodes{2, 1});
  CHECK(cluster.partition("back").adding.empty());
  CHECK(cluster.partition("back").removing.empty());

  REQUIRE(cluster.move("back", Nodes{3}) == 0);
  cluster.set_isr("back", {3});
  CHECK(cluster.move("back", std::nullopt) == code(ErrorCode::invalid_replica_assignment));
}

TEST_CASE("a move to nobody, to strangers or to another factor against the client's word is refused") {
  Cluster cluster;
  cluster.create_on("stays", {1, 2});
  CHECK(cluster.move("stays", Nodes{}) == code(ErrorCode::invalid_replica_assignment));
  CHECK(cluster.move("stays", Nodes{1, 9}) == code(ErrorCode::invalid_replica_assignment));
  CHECK(cluster.move("stays", Nodes{1, 1}) == code(ErrorCode::invalid_replica_assignment));
  CHECK(cluster.move("stays", Nodes{1}, false) == code(ErrorCode::invalid_replication_factor));
  CHECK(cluster.move("absent", Nodes{1}) == code(ErrorCode::unknown_topic_or_partition));
  CHECK(cluster.move("stays", Nodes{1}) == 0);
  CHECK(cluster.partition("stays").replicas == Nodes{1});
}

TEST_CASE("a smaller replication factor waits for all that stay") {
  const Reassignment shrinking{{2, 3, 4, 0, 1}, {0, 1}, {4}};
  CHECK_FALSE(completed_reassignment(shrinking, {0, 1, 4}).has_value());
  const auto completed = completed_reassignment(shrinking, {0, 2, 3, 4});
  REQUIRE(completed.has_value());
  CHECK(completed->replicas == Nodes{2, 3, 4});
  CHECK(completed->isr == Nodes{2, 3, 4});
  CHECK_FALSE(completed_reassignment({{1, 2}, {}, {}}, {1, 2}).has_value());
}

TEST_CASE("an unregistered broker loses what it led, and its name is free") {
  Cluster cluster;
  cluster.create_on("left", {2, 1});
  messages::UnregisterBrokerRequest request;
  request.broker_id = 2;
  CHECK(cluster.take(cluster.controller.unregister_broker(request)).error_code == 0);
  CHECK(names(cluster.last) == Names{"PartitionChangeRecord", "UnregisterBrokerRecord"});
  CHECK(cluster.image->find_broker(2) == nullptr);
  CHECK(cluster.partition("left").leader == 1);
  CHECK(cluster.take(cluster.controller.unregister_broker(request)).error_code ==
        code(ErrorCode::broker_id_not_registered));
  cluster.join(2, 5);
  CHECK(cluster.image->find_broker(2)->active());
}

TEST_CASE("a long name that stands for many partitions is not told to each of them") {
  Cluster cluster;
  const std::string name(32'000, 'x');
  messages::ElectLeadersRequest election;
  election.topic_partitions.emplace();
  election.topic_partitions->emplace_back().topic = name;
  messages::AlterPartitionReassignmentsRequest reassignment;
  reassignment.topics.emplace_back().name = name;
  for (std::int32_t i = 0; i < 1000; ++i) {
    election.topic_partitions->back().partitions.push_back(i);
    reassignment.topics.back().partitions.emplace_back().partition_index = i;
  }
  const auto elected = cluster.take(cluster.controller.elect_leaders(election));
  const auto moved = cluster.take(cluster.controller.alter_reassignments(reassignment));
  std::size_t told = 0;
  for (const auto& result : elected.replica_election_results.at(0).partition_result) {
    CHECK(result.error_code == code(ErrorCode::unknown_topic_or_partition));
    if (result.error_message.has_value()) told += result.error_message->size();
  }
  for (const auto& result : moved.responses.at(0).partitions) {
    CHECK(result.error_code == code(ErrorCode::unknown_topic_or_partition));
    if (result.error_message.has_value()) told += result.error_message->size();
  }
  CHECK(told > 1'000'000);
  CHECK(told <= 2 * answer_text_bytes_max);
}

}  // namespace highwater::controller
