#include "engine/quorum/quorum.h"

#include <doctest/doctest.h>

#include "engine/quorum/broker_lifecycle.h"
#include "engine/quorum/controller.h"
#include "engine/quorum/format.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/quorum/producer_ids.h"
#include "engine/quorum/quorum_test_support.h"
#include "engine/quorum/snapshot_file.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace highwater::engine {

namespace {

using metadata::PartitionImage;

messages::CreateTopicsRequest topic_request(std::string_view name, std::int32_t partitions) {
  messages::CreateTopicsRequest request;
  messages::CreateTopicsRequest::CreatableTopic topic;
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  request.topics.push_back(std::move(topic));
  return request;
}

io::Task<void> create_one(TestNode& node, std::string name) {
  auto answer = co_await node.door.create_topics(topic_request(name, 2), {});
  REQUIRE(answer.topics.size() == 1);
  CHECK(answer.topics[0].error_code == 0);
  // The answer leaves when the topic is committed and shown.
  CHECK(node.publisher.image()->find_topic(name) != nullptr);
}

io::Task<void> first_life(TestNode& node) {
  co_await node.begin();
  co_await create_one(node, "t");
  node.ids.set_owner({1, node.lifecycle.epoch()});
  auto id = co_await node.ids.next();
  CHECK(id.value() == 0);
  id = co_await node.ids.next();
  CHECK(id.value() == 1);
  co_await node.end();
}

io::Task<void> second_life(TestNode& node) {
  co_await node.begin();
  const PartitionImage* partition = node.publisher.image()->find_topic("t")->find_partition(0);
  CHECK(partition->leader == 1);
  CHECK(partition->isr == std::vector<NodeId>{1});
  CHECK(partition->leader_recovery == metadata::LeaderRecovery::recovered);
  node.ids.set_owner({1, node.lifecycle.epoch()});
  auto id = co_await node.ids.next();
  CHECK(id.value() == 1000);
  co_await node.end();
}

// Ends without a word, as after kill -9.
io::Task<void> cut_short(TestNode& node) {
  co_await node.begin();
  co_await create_one(node, "t");
}

io::Task<void> after_the_cut(TestNode& node) {
  co_await node.begin();
  CHECK(node.quorum.leader_epoch() == 2);
  const PartitionImage* partition = node.publisher.image()->find_topic("t")->find_partition(0);
  CHECK(partition->leader == 1);
  co_await node.end();
}

io::Task<void> format_twice(io::Reactor& reactor, std::string folder) {
  auto first = co_await format_directories(reactor, standalone_format(folder));
  CHECK(first.has_value());
  auto again = co_await format_directories(reactor, standalone_format(folder));
  CHECK(again.error().text ==
        "Log directory " + folder +
            " is already formatted. Use --ignore-formatted to ignore this directory and format the others.");
  auto options = standalone_format(folder);
  options.already_formatted = AlreadyFormatted::leave;
  auto left = co_await format_directories(reactor, options);
  CHECK(left->at(0) == "All of the log directories are already formatted.");
  options.cluster_id = "another";
  auto foreign = co_await format_directories(reactor, options);
  CHECK(!foreign.has_value());
}

}  // namespace

TEST_CASE("a topic and producer ids survive a clean stop, and the next life leads again without a loss") {
  const Folder folder;
  run_life(folder, Formatting::standalone, first_life);
  run_life(folder, Formatting::none, second_life);
}

TEST_CASE("a static quorum keeps quorum-state of version 0 and no voters in its log") {
  const Folder folder;
  run_life(folder, Formatting::static_voters, first_life);
  CHECK(
      folder.read("__cluster_metadata-0/quorum-state") ==
      R"({"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0})");
  run_life(folder, Formatting::none_static, second_life);
}

TEST_CASE("after a kill the same node registers again at once and leads what it led") {
  const Folder folder;
  run_life(folder, Formatting::standalone, cut_short);
  run_life(folder, Formatting::none, after_the_cut);
}

TEST_CASE("formatting refuses what is formatted, unless told to leave it") {
  const Folder folder;
  run_alone([&](io::Reactor& reactor) { return format_twice(reactor, folder.path()); });
}

}  // namespace highwater::engine
