#include <doctest/doctest.h>

#include <algorithm>

#include "machines/metadata/delta.h"
#include "machines/metadata/features.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/snapshot.h"

namespace highwater::metadata {

namespace {

const Uuid topic_id = Uuid::from_halves(1, 42);
const Uuid directory = Uuid::from_halves(7, 7);

MetadataRecord feature(std::string_view name, std::int16_t level) {
  messages::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  return {std::move(record), 0};
}

MetadataRecord topic(std::string_view name, const Uuid& id) {
  messages::TopicRecord record;
  record.name = name;
  record.topic_id = id;
  return {std::move(record), 0};
}

MetadataRecord partition(const Uuid& id, std::int32_t index) {
  PartitionImage image;
  image.replicas = image.isr = {1};
  image.directories = {directory};
  image.leader = 1;
  image.leader_epoch = image.partition_epoch = 0;
  return partition_record(id, index, image, newest_metadata_version);
}

MetadataRecord config(ResourceType type, std::string_view resource, std::string_view name,
                      std::optional<std::string_view> value) {
  messages::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(type);
  record.resource_name = resource;
  record.name = name;
  record.value = std::nullopt;
  if (value.has_value()) record.value = *value;
  return {std::move(record), 0};
}

template <class Message>
MetadataRecord bare() {
  return {Message{}, 0};
}

struct World {
  MetadataLoader loader{std::make_shared<const MetadataImage>()};
  Offset next = 0;

  void feed(const Records& records) {
    next += static_cast<Offset>(records.size());
    const auto fed = loader.on_batch(records, {next - 1, 1, 1000});
    REQUIRE(fed.has_value());
  }
};

Records leaderless_change() {
  messages::PartitionChangeRecord change;
  change.topic_id = topic_id;
  change.partition_id = 0;
  change.isr = std::vector<NodeId>{};
  change.leader = no_node;
  change.eligible_leader_replicas = std::vector<NodeId>{1};
  change.last_known_elr = std::vector<NodeId>{1};
  return {{std::move(change), 2}};
}

}  // namespace

TEST_CASE("kraft.version belongs to the image of its offset, also when a metadata transaction around it is aborted") {
  World world;
  world.feed({feature("metadata.version", newest_metadata_version)});
  const auto before = world.loader.publish()->image;
  world.feed({bare<messages::BeginTransactionRecord>(), topic("t", topic_id)});
  world.loader.on_kraft_version(1);
  world.feed({bare<messages::AbortTransactionRecord>()});
  const auto after = world.loader.publish()->image;
  CHECK(before->kraft_version() == 0);
  CHECK(after->kraft_version() == 1);
  CHECK(after->topic_count() == 0);
  world.feed({topic("t", topic_id)});
  CHECK(world.loader.publish()->image->kraft_version() == 1);
}

TEST_CASE("a changed leader raises both epochs, a changed ISR only the partition's") {
  World world;
  world.feed({topic("t", topic_id), partition(topic_id, 0)});
  messages::PartitionChangeRecord isr_only;
  isr_only.topic_id = topic_id;
  isr_only.partition_id = 0;
  isr_only.isr = std::vector<NodeId>{1};
  world.feed({{isr_only, 2}});
  const PartitionImage* image = world.loader.tail().find_partition({topic_id, 0});
  CHECK(image->leader_epoch == 0);
  CHECK(image->partition_epoch == 1);
  world.feed(leaderless_change());
  image = world.loader.tail().find_partition({topic_id, 0});
  CHECK(image->leader_epoch == 1);
  CHECK(image->partition_epoch == 2);
  CHECK(image->leader == no_node);
  CHECK(image->elr == std::vector<NodeId>{1});
}

TEST_CASE("clearing the ELR of a topic touches only partitions that have one") {
  World world;
  world.feed({topic("t", topic_id), partition(topic_id, 0), partition(topic_id, 1)});
  world.feed(leaderless_change());
  world.loader.publish();
  messages::ClearElrRecord clear;
  clear.topic_name = "t";
  world.feed({{clear, 0}});
  const auto published = world.loader.publish();
  CHECK(published->delta->topics().at(topic_id).partitions == std::set<std::int32_t>{0});
  CHECK(published->image->find_partition({topic_id, 0})->elr.empty());
}

TEST_CASE("records of a metadata transaction are published only when it ends") {
  World world;
  world.feed({bare<messages::BeginTransactionRecord>(), feature("metadata.version", 30)});
  CHECK(!world.loader.publish().has_value());
  CHECK(world.loader.open_transaction() == 0);
  CHECK(world.loader.tail().metadata_version() == 30);
  world.feed({bare<messages::EndTransactionRecord>()});
  const auto published = world.loader.publish();
  REQUIRE(published.has_value());
  CHECK(published->image->metadata_version() == 30);
  CHECK(published->image->offset() == 2);
}

TEST_CASE("an aborted metadata transaction leaves nothing behind") {
  World world;
  world.feed(
      {topic("before", topic_id), bare<messages::BeginTransactionRecord>(), topic("inside", Uuid::from_halves(1, 43))});
  world.feed({bare<messages::AbortTransactionRecord>()});
  const auto published = world.loader.publish();
  CHECK(published->image->find_topic("inside") == nullptr);
  CHECK(published->image->find_topic("before") != nullptr);
  CHECK(published->delta->topics().size() == 1);
}

TEST_CASE("removing a topic removes its configuration, and a topic of one batch's life leaves no trace") {
  World world;
  world.feed({topic("t", topic_id), config(ResourceType::topic, "t", "retention.ms", "1"), partition(topic_id, 0)});
  const auto created = world.loader.publish();
  CHECK(created->delta->topics().at(topic_id).created);
  CHECK(created->image->configs(ResourceType::topic, "t").at("retention.ms") == "1");
  messages::RemoveTopicRecord remove;
  remove.topic_id = topic_id;
  messages::RemoveTopicRecord remove_short;
  remove_short.topic_id = Uuid::from_halves(1, 44);
  world.feed({{remove, 0}, topic("short", remove_short.topic_id), {remove_short, 0}});
  const auto removed = world.loader.publish();
  CHECK(removed->image->configs(ResourceType::topic, "t").empty());
  CHECK(removed->delta->topics().size() == 1);
  CHECK(removed->delta->topics().at(topic_id).removed);
  CHECK(created->image->find_topic("t") != nullptr);
}

TEST_CASE("partitions are numbered in the order in which they are made, whatever is removed") {
  const Uuid second = Uuid::from_halves(1, 43);
  const Uuid third = Uuid::from_halves(1, 44);
  World world;
  world.feed(
      {topic("t", topic_id), partition(topic_id, 0), partition(topic_id, 1), topic("u", second), partition(second, 0)});
  messages::RemoveTopicRecord remove;
  remove.topic_id = topic_id;
  world.feed({{remove, 0}, topic("v", third)});
  const auto published = world.loader.publish();
  CHECK(published->image->find_topic(second)->number == 2);
  CHECK(published->image->find_topic(third)->number == 3);
}

TEST_CASE("an image equals the replay of its own snapshot") {
  World world;
  BrokerImage broker;
  broker.id = 1;
  broker.epoch = 5;
  broker.incarnation = Uuid::from_halves(3, 4);
  broker.listeners = {{"PLAINTEXT", "host", 9092, 0}};
  broker.features = supported_ranges();
  broker.directories = {directory};
  world.feed({feature("metadata.version", 30), feature("group.version", 1), register_broker_record(broker, 30),
              topic("t", topic_id), config(ResourceType::topic, "t", "retention.ms", "1"), partition(topic_id, 0),
              config(ResourceType::broker, "", "min.insync.replicas", "1")});
  world.feed(leaderless_change());
  const Records snapshot = image_records(world.loader.tail());
  World copy;
  copy.feed(snapshot);
  CHECK(image_records(copy.loader.tail()) == snapshot);
  CHECK(*copy.loader.tail().find_broker(1) == *world.loader.tail().find_broker(1));
  CHECK(*copy.loader.tail().find_partition({topic_id, 0}) == *world.loader.tail().find_partition({topic_id, 0}));
}

TEST_CASE("frames of unknown types, versions and lengths are refused") {
  const auto frame = encode_record(feature("metadata.version", 30));
  CHECK(decode_record(frame).value() == feature("metadata.version", 30));
  auto longer = frame;
  longer.push_back(0);
  CHECK(!decode_record(longer).has_value());
  for (std::size_t size = 0; size < frame.size(); ++size)
    CHECK(!decode_record(ByteView(frame).first(size)).has_value());
  auto other_type = frame;
  other_type[1] = 99;
  CHECK(decode_record(other_type).error().text == "metadata record type 99 is unknown to this release");
  auto other_version = frame;
  other_version[2] = 9;
  CHECK(!decode_record(other_version).has_value());
}

TEST_CASE("a record that contradicts the image stops the loader with the record's name and offset") {
  World world;
  const Records records{partition(topic_id, 0)};
  const auto outcome = world.loader.on_batch(records, {0, 1, 0});
  REQUIRE(!outcome.has_value());
  CHECK(outcome.error().text.starts_with("PartitionRecord at offset 0 of the metadata log"));
}

TEST_CASE("format chooses the levels of the release and lets single features differ") {
  const auto newest = choose_levels({.release = std::nullopt, .levels = {}, .dynamic_quorum = true});
  const std::map<std::string, std::int16_t> expected = {{"eligible.leader.replicas.version", 1},
                                                        {"group.version", 1},
                                                        {"kraft.version", 1},
                                                        {"metadata.version", 30},
                                                        {"share.version", 1},
                                                        {"streams.version", 1},
                                                        {"transaction.version", 2}};
  CHECK(newest->levels == expected);
  const auto old = choose_levels({.release = "3.9", .levels = {{"group.version", 1}}, .dynamic_quorum = false});
  CHECK(old->levels.at("group.version") == 1);
  CHECK(old->levels.at("transaction.version") == 0);
  CHECK(old->levels.at("kraft.version") == 0);
  CHECK(old->release.text() == "3.9-IV0");
  CHECK(!choose_levels({.release = "5.0", .levels = {}, .dynamic_quorum = true}).has_value());
  CHECK(!choose_levels({.release = "3.9", .levels = {{"eligible.leader.replicas.version", 1}}}).has_value());
  CHECK(choose_levels({.release = "4.3.1", .levels = {}})->release.level == 30);
}

}  // namespace highwater::metadata
