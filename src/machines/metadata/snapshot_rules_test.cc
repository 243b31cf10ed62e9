#include "machines/metadata/snapshot_rules.h"

#include <doctest/doctest.h>

#include <vector>

#include "machines/metadata/delta.h"
#include "machines/metadata/features.h"
#include "machines/metadata/records.h"
#include "machines/metadata/snapshot.h"

namespace highwater::metadata {

namespace {

Instant at(std::int64_t ms) { return Instant{} + Duration::from_ms(ms); }

SnapshotLimits limits() {
  SnapshotLimits limits;
  limits.max_new_bytes = 1000;
  limits.max_interval = Duration::from_ms(60'000);
  limits.retention_bytes = 500;
  limits.retention_ms = 10'000;
  return limits;
}

ImageHandle image_of(int topics, int partitions) {
  MetadataDelta delta(std::make_shared<const MetadataImage>());
  messages::FeatureLevelRecord level;
  level.name = metadata_version_feature;
  level.feature_level = newest_metadata_version;
  REQUIRE(delta.apply({level, 0}).has_value());
  for (int i = 0; i < topics; ++i) {
    messages::TopicRecord topic;
    topic.topic_id = Uuid::from_halves(9, static_cast<std::uint64_t>(i) + 1);
    topic.name = "topic" + std::to_string(i);
    REQUIRE(delta.apply({topic, 0}).has_value());
    for (int index = 0; index < partitions; ++index) {
      PartitionImage partition;
      partition.replicas = partition.isr = {1};
      partition.directories = {Uuid::from_halves(3, 3)};
      partition.leader = 1;
      partition.leader_epoch = partition.partition_epoch = 0;
      REQUIRE(delta.apply(partition_record(topic.topic_id, index, partition, newest_metadata_version)).has_value());
    }
    messages::ConfigRecord config;
    config.resource_type = static_cast<std::int8_t>(ResourceType::topic);
    config.resource_name = topic.name;
    config.name = "retention.ms";
    config.value = "1";
    REQUIRE(delta.apply({config, 0}).has_value());
  }
  return delta.finish({10, 1, 1});
}

}  // namespace

TEST_CASE("a snapshot is due when the log has grown enough or the interval is over, and then not at once again") {
  SnapshotSchedule schedule(limits(), at(0));
  schedule.add(999);
  CHECK(!schedule.due(at(1)).has_value());
  schedule.add(1);
  CHECK(schedule.due(at(1)) == "we have replayed at least 1000 bytes");
  schedule.begin(at(1));
  CHECK(!schedule.due(at(60'000)).has_value());
  CHECK(schedule.due(at(60'001)) == "we have waited at least 1 minute(s)");
}

TEST_CASE("a snapshot that failed is due again after a minute, with all bytes it would have covered") {
  SnapshotSchedule schedule(limits(), at(0));
  schedule.add(1500);
  schedule.begin(at(5));
  schedule.postpone(at(10));
  CHECK(!schedule.due(at(60'009)).has_value());
  CHECK(schedule.due(at(60'010)) == "we have replayed at least 1000 bytes");
}

TEST_CASE("an interval of zero means never by time") {
  SnapshotLimits never = limits();
  never.max_interval = Duration{};
  const SnapshotSchedule schedule(never, at(0));
  CHECK(!schedule.due(at(1'000'000'000)).has_value());
}

TEST_CASE("the only snapshot stays whatever its size and age") {
  const std::vector<SnapshotFacts> one = {{10'000, 0}};
  CHECK(!why_delete_oldest(one, 10'000, limits(), WallTime{1'000'000}).has_value());
}

TEST_CASE("the oldest snapshot goes for size or for age, and a negative limit never asks for it") {
  const std::vector<SnapshotFacts> two = {{200, 1'000}, {200, 9'000}};
  CHECK(!why_delete_oldest(two, 100, limits(), WallTime{11'000}).has_value());
  CHECK(why_delete_oldest(two, 101, limits(), WallTime{11'000}) ==
        "the log size (101) and snapshots size (400) is greater than 500");
  CHECK(why_delete_oldest(two, 100, limits(), WallTime{11'001}) ==
        "its timestamp (1000) is now (11001) older than the retention (10000)");
  SnapshotLimits endless = limits();
  endless.retention_bytes = endless.retention_ms = -1;
  CHECK(!why_delete_oldest(two, 1'000'000, endless, WallTime{1'000'000'000}).has_value());
  const std::vector<SnapshotFacts> unreadable = {{200, std::nullopt}, {200, 9'000}};
  CHECK(!why_delete_oldest(unreadable, 100, limits(), WallTime{1'000'000}).has_value());
}

TEST_CASE("an image read in slices of any size gives the same records in the same order") {
  const ImageHandle image = image_of(7, 5);
  const Records whole = image_records(*image);
  CHECK(whole.size() == 1 + 7 * (1 + 5 + 1));
  for (const std::size_t most : {1U, 2U, 3U, 5U, 6U, 64U}) {
    ImageReader reader(image);
    Records pieced;
    for (Records piece = reader.next(most); !piece.empty(); piece = reader.next(most)) {
      CHECK(piece.size() <= most);
      pieced.insert(pieced.end(), piece.begin(), piece.end());
    }
    CHECK(pieced == whole);
  }
}

}  // namespace highwater::metadata
