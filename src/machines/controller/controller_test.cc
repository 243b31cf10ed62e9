#include "machines/controller/controller.h"

#include <doctest/doctest.h>

#include "machines/controller/test_world.h"
#include "machines/metadata/features.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/snapshot.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "protocol/messages/broker_heartbeat_request.h"
#include "protocol/messages/broker_heartbeat_response.h"
#include "protocol/messages/broker_registration_request.h"
#include "protocol/messages/broker_registration_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace highwater::controller {

namespace {

using namespace world;

}  // namespace

TEST_CASE("an empty log gets the bootstrap records in a transaction, and with ELR the cluster's minimum") {
  World world;
  CHECK(names(world.last) == Names{"BeginTransactionRecord", "FeatureLevelRecord", "FeatureLevelRecord", "ConfigRecord",
                                   "EndTransactionRecord"});
  World without(0);
  CHECK(names(without.last) == Names{"BeginTransactionRecord", "FeatureLevelRecord", "EndTransactionRecord"});
}

TEST_CASE("a bootstrap transaction that was cut short is aborted and written again") {
  metadata::MetadataLoader log(std::make_shared<const metadata::MetadataImage>());
  const metadata::Records torn = {{messages::BeginTransactionRecord{}, 0}, bootstrap(1).records.at(0)};
  REQUIRE(log.on_batch(torn, {1, 1, 0}).has_value());
  const auto activation = activation_records(log, bootstrap(1), 1);
  CHECK(names(activation->records).at(0) == "AbortTransactionRecord");
  CHECK(names(activation->records).at(1) == "BeginTransactionRecord");
  CHECK(activation->records.size() == 6);
}

TEST_CASE("a broker's epoch is the offset where its registration begins, and it starts fenced") {
  World world;
  const Offset at = world.next;
  CHECK(world.register_broker(world.registration(1, 1)).broker_epoch == at);
  CHECK(world.image->find_broker(1)->fenced);
  CHECK(names(world.last) == Names{"RegisterBrokerRecord"});
}

TEST_CASE("a broker is unfenced only when it has seen its own registration") {
  World world;
  world.register_broker(world.registration(1, 1));
  messages::BrokerHeartbeatRequest early;
  early.broker_id = 1;
  early.broker_epoch = world.image->find_broker(1)->epoch;
  early.current_metadata_offset = early.broker_epoch - 1;
  CHECK(world.take(world.controller.heartbeat(early, {world.now, world.next})).is_fenced);
  CHECK(!world.beat(1, World::Wish::serve).is_fenced);
}

TEST_CASE("registrations of another cluster, without features or with a stranger's directory are refused") {
  World world;
  world.join(1);
  auto request = world.registration(2, 1);
  request.cluster_id = "other";
  CHECK(world.register_broker(request).error_code == code(ErrorCode::inconsistent_cluster_id));
  request = world.registration(2, 1);
  request.features.clear();
  CHECK(world.register_broker(request).error_code == code(ErrorCode::invalid_registration));
  request = world.registration(2, 1);
  for (auto& feature : request.features) {
    if (feature.name == metadata::metadata_version_feature) feature.max_supported_version = 29;
  }
  CHECK(world.register_broker(request).error_code == code(ErrorCode::unsupported_version));
  request = world.registration(2, 1);
  request.log_dirs = {directory_of(1)};
  CHECK(world.register_broker(request).error_code == code(ErrorCode::invalid_registration));
  request.log_dirs = {};
  CHECK(world.register_broker(request).error_code == code(ErrorCode::invalid_registration));
  CHECK(world.image->find_broker(2) == nullptr);
}

TEST_CASE("a second process with another broker's id waits for the session's end, the own node does not") {
  World world;
  world.join(1);
  world.join(2);
  CHECK(world.register_broker(world.registration(2, 7)).error_code == code(ErrorCode::duplicate_broker_registration));
  CHECK(world.register_broker(world.registration(1, 7)).error_code == 0);
  world.now = world.now + Duration::from_ms(9'001);
  CHECK(world.register_broker(world.registration(2, 7)).error_code == 0);
}

TEST_CASE("a silent broker is fenced when its session is over, and loses its leaderships to the ELR") {
  World world;
  world.join(1);
  world.create("t");
  world.now = world.now + Duration::from_ms(9'000);
  CHECK(world.controller.tick(world.now).empty());
  world.now = world.now + Duration::from_ms(1);
  world.apply(world.controller.tick(world.now));
  CHECK(names(world.last) == Names{"PartitionChangeRecord", "BrokerRegistrationChangeRecord"});
  CHECK(world.image->find_broker(1)->fenced);
  CHECK(world.partition("t").leader == no_node);
  CHECK(world.partition("t").elr == std::vector<NodeId>{1});
  CHECK(world.controller.tick(world.now).empty());
}

TEST_CASE("a clean restart elects from the ELR without unclean recovery") {
  World world;
  world.join(1);
  world.create("t");
  const BrokerEpoch epoch = world.image->find_broker(1)->epoch;
  CHECK(!world.beat(1, World::Wish::leave).should_shut_down);
  CHECK(world.partition("t").leader == no_node);
  CHECK(world.beat(1, World::Wish::leave).should_shut_down);
  auto request = world.registration(1, 2);
  request.previous_broker_epoch = epoch;
  world.register_broker(request);
  world.beat(1, World::Wish::serve);
  CHECK(world.partition("t").leader == 1);
  CHECK(world.partition("t").leader_recovery == metadata::LeaderRecovery::recovered);
  CHECK(world.partition("t").elr.empty());
}

TEST_CASE("an unclean restart takes the broker out of ISR and ELR, and it leads again as the last known leader") {
  World world;
  world.join(1);
  world.create("t");
  world.register_broker(world.registration(1, 2));
  CHECK(names(world.last) == Names{"PartitionChangeRecord", "RegisterBrokerRecord"});
  CHECK(world.partition("t").isr.empty());
  CHECK(world.partition("t").elr.empty());
  CHECK(world.partition("t").last_known_elr == std::vector<NodeId>{1});
  world.beat(1, World::Wish::serve);
  CHECK(world.partition("t").leader == 1);
  CHECK(world.partition("t").leader_recovery == metadata::LeaderRecovery::recovering);
}

TEST_CASE("without ELR a fenced last member keeps the ISR to itself") {
  World world(0);
  world.join(1);
  world.create("t");
  world.beat(1, World::Wish::stay_fenced);
  CHECK(world.partition("t").leader == no_node);
  CHECK(world.partition("t").isr == std::vector<NodeId>{1});
  world.beat(1, World::Wish::serve);
  CHECK(world.partition("t").leader == 1);
}

TEST_CASE("a fenced leader hands over to the next of the ISR") {
  World world;
  world.join(1);
  world.join(2);
  world.create("t", 1, 2);
  const NodeId first = world.partition("t").leader;
  world.beat(first, World::Wish::stay_fenced);
  CHECK(world.partition("t").leader == 3 - first);
  CHECK(world.partition("t").isr == std::vector<NodeId>{3 - first});
}

TEST_CASE("a broker that leads nothing may leave at once") {
  World world;
  world.join(1);
  CHECK(world.beat(1, World::Wish::leave).should_shut_down);
  CHECK(world.image->find_broker(1)->fenced);
}

TEST_CASE("a broker whose departure did not get into the log may still leave") {
  World world;
  world.join(1);
  world.create("t");
  CHECK(!world.controller.heartbeat(world.heartbeat(1, World::Wish::leave), {world.now, world.next}).records.empty());
  world.controller.activate(world.image, world.now);
  CHECK(!world.beat(1, World::Wish::leave).should_shut_down);
  CHECK(world.partition("t").leader == no_node);
  CHECK(world.beat(1, World::Wish::leave).should_shut_down);
}

TEST_CASE("heartbeats and producer ids of a former epoch are refused") {
  World world;
  world.join(1);
  messages::BrokerHeartbeatRequest beat;
  beat.broker_id = 1;
  beat.broker_epoch = 0;
  CHECK(world.take(world.controller.heartbeat(beat, {world.now, world.next})).error_code ==
        code(ErrorCode::stale_broker_epoch));
  messages::AllocateProducerIdsRequest ids;
  ids.broker_id = 1;
  ids.broker_epoch = 0;
  CHECK(world.take(world.controller.allocate_producer_ids(ids)).error_code == code(ErrorCode::stale_broker_epoch));
  ids.broker_epoch = world.image->find_broker(1)->epoch;
  CHECK(world.take(world.controller.allocate_producer_ids(ids)).producer_id_start == 0);
  const auto second = world.take(world.controller.allocate_producer_ids(ids));
  CHECK(second.producer_id_start == 1000);
  CHECK(second.producer_id_len == 1000);
}

TEST_CASE("topics are created with defaults, once, and not beside a name that looks alike") {
  World world;
  world.join(1);
  CHECK(world.create("a.b", -1, -1).num_partitions == 3);
  CHECK(world.create("a.b").error_message == "Topic 'a.b' already exists.");
  const auto alike = world.create("a_b");
  CHECK(alike.error_code == code(ErrorCode::invalid_topic_exception));
  CHECK(alike.error_message == "Topic 'a_b' collides with existing topic: a.b");
  CHECK(world.create("a/b").error_code == code(ErrorCode::invalid_topic_exception));
  CHECK(world.create("..").error_message == "Topic name is invalid: '..' is not allowed");
  CHECK(world.create(std::string(250, 'x')).error_code == code(ErrorCode::invalid_topic_exception));
  CHECK(world.create(std::string(249, 'x')).error_code == 0);
}

TEST_CASE("numbers of partitions and replicas have bounds") {
  World world;
  CHECK(world.create("early").error_message ==
        "Unable to replicate the partition 1 time(s): All brokers are currently fenced, or have all their log "
        "directories cordoned.");
  world.join(1);
  CHECK(world.create("t", 0).error_code == code(ErrorCode::invalid_partitions));
  CHECK(world.create("t", 1, 0).error_code == code(ErrorCode::invalid_replication_factor));
  CHECK(world.create("t", 1, 2).error_message ==
        "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached because "
        "only 1 broker(s) are registered or some brokers have all their log directories cordoned.");
  CHECK(world.create("t", 10'001).error_message == "Excessively large number of partitions per request.");
  CHECK(world.create("t", 10'000).error_message == "Unable to perform excessively large batch operation.");
  CHECK(world.create("t", 9'999).error_code == 0);
}

TEST_CASE("a name that stands twice in one request is created not even once") {
  World world;
  world.join(1);
  messages::CreateTopicsRequest request;
  request.topics = {World::wish("x", 1, 1), World::wish("y", 1, 1), World::wish("x", 2, 1)};
  const auto answer = world.take(world.controller.create_topics(request, world.random));
  REQUIRE(answer.topics.size() == 2);
  CHECK(answer.topics[0].name == "y");
  CHECK(answer.topics[1].error_message == "Duplicate topic name.");
  CHECK(world.image->find_topic("x") == nullptr);
}

TEST_CASE("validating only answers as creating would and writes nothing") {
  World world;
  world.join(1);
  messages::CreateTopicsRequest request;
  request.topics = {World::wish("t", 2, 1)};
  request.validate_only = true;
  const auto answer = world.take(world.controller.create_topics(request, world.random));
  CHECK(answer.topics[0].error_code == 0);
  CHECK(answer.topics[0].num_partitions == 2);
  CHECK(world.last.empty());
}

TEST_CASE("configurations are validated, come before the partitions, and are shown in the answer") {
  World world;
  world.join(1);
  messages::CreateTopicsRequest request;
  request.topics = {World::wish("t", 1, 1)};
  request.topics[0].configs = {{"retention.ms", wire::Text("1000")}, {"min.insync.replicas", wire::Text("1")}};
  auto answer = world.take(world.controller.create_topics(request, world.random));
  CHECK(names(world.last) == Names{"TopicRecord", "ConfigRecord", "ConfigRecord", "ClearElrRecord", "PartitionRecord"});
  bool shown = false;
  for (const auto& config : *answer.topics[0].configs) {
    if (config.name == "retention.ms") shown = config.value == "1000" && config.config_source == 1;
  }
  CHECK(shown);
  request.topics = {World::wish("u", 1, 1)};
  request.topics[0].configs = {{"retention.ms", std::nullopt}};
  answer = world.take(world.controller.create_topics(request, world.random));
  CHECK(answer.topics[0].error_message == "Null value not supported for topic configs: retention.ms");
  request.topics[0].configs = {{"no.such.key", wire::Text("1")}};
  answer = world.take(world.controller.create_topics(request, world.random));
  CHECK(answer.topics[0].error_code == code(ErrorCode::invalid_config));
}

TEST_CASE("manual assignments must be whole, of known brokers, and without numbers beside them") {
  World world;
  world.join(1);
  world.join(2);
  const auto create = [&](messages::CreateTopicsRequest::CreatableTopic topic) {
    messages::CreateTopicsRequest request;
    request.topics.push_back(std::move(topic));
    return world.take(world.controller.create_topics(request, world.random)).topics.at(0);
  };
  auto topic = World::wish("t", -1, -1);
  topic.assignments = {{0, {1, 2}}, {1, {2, 1}}};
  CHECK(create(topic).error_code == 0);
  CHECK(world.partition("t", 1).leader == 2);
  CHECK(world.partition("t", 1).directories == std::vector<Uuid>{directory_of(2), directory_of(1)});
  topic.name = "u";
  topic.num_partitions = 2;
  CHECK(create(topic).error_code == code(ErrorCode::invalid_request));
  topic.num_partitions = -1;
  topic.assignments = {{0, {1}}, {2, {1}}};
  CHECK(create(topic).error_message == "partitions should be a consecutive 0-based integer sequence");
  topic.assignments = {{0, {1, 1}}};
  CHECK(create(topic).error_message == "The manual partition assignment includes the broker 1 more than once.");
  topic.assignments = {{0, {1}}, {1, {1, 2}}};
  CHECK(create(topic).error_code == code(ErrorCode::invalid_replica_assignment));
  topic.assignments = {{0, {3}}};
  CHECK(create(topic).error_message ==
        "The manual partition assignment includes broker 3, but no such broker is registered.");
}

TEST_CASE("topics are deleted by name or by id, each once") {
  World world;
  world.join(1);
  const Uuid a = world.create("a").topic_id;
  world.create("b");
  const Uuid c = world.create("c").topic_id;
  messages::DeleteTopicsRequest request;
  request.topics = {{std::nullopt, a}, {wire::Text("b"), {}}, {wire::Text("nope"), {}}, {wire::Text("c"), c}};
  const auto answer = world.take(world.controller.delete_topics(request));
  REQUIRE(answer.responses.size() == 4);
  CHECK(answer.responses[0].error_message == "You may not specify both topic name and topic id.");
  CHECK(answer.responses[1].error_code == code(ErrorCode::unknown_topic_or_partition));
  CHECK(world.image->topic_count() == 1);
  CHECK(world.create("b").error_code == 0);
  request.topics = {{std::nullopt, c}, {wire::Text("c"), {}}};
  const auto twice = world.take(world.controller.delete_topics(request));
  CHECK(twice.responses.at(0).error_code == code(ErrorCode::invalid_request));
  CHECK(world.image->find_topic("c") != nullptr);
}

TEST_CASE("leaders of a new topic are spread over the brokers, and no broker holds a partition twice") {
  World world;
  for (NodeId id = 1; id <= 4; ++id) world.join(id);
  world.create("t", 8, 3);
  std::map<NodeId, int> leads;
  for (const auto& [index, partition] : world.image->find_topic("t")->partitions) {
    ++leads[partition.leader];
    CHECK(std::set<NodeId>(partition.replicas.begin(), partition.replicas.end()).size() == 3);
  }
  CHECK(leads.size() == 4);
}

}  // namespace highwater::controller
