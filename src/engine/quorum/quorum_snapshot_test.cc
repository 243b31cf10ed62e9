#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/quorum/snapshot_file.h"
#include "engine/quorum/test_lab.h"
#include "foundation/base/random.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/snapshot.h"

namespace highwater::engine {

namespace {

using lab::Lab;
using lab::TestNode;

std::vector<std::string> files_of_log(Lab& lab) {
  std::vector<std::string> names;
  const auto entries = lab.machine.disk().list(lab::in_log(""));
  REQUIRE(entries.has_value());
  for (const auto& entry : *entries) names.push_back(entry.name);
  return names;
}

std::vector<SnapshotId> snapshots_of(Lab& lab) {
  std::vector<SnapshotId> ids;
  for (const std::string& name : files_of_log(lab)) {
    const auto id = parse_snapshot_file_name(name);
    if (id.has_value()) ids.push_back(*id);
  }
  return ids;
}

SnapshotContent snapshot_at(Lab& lab, const SnapshotId& id, Slice& bytes) {
  const auto content = lab.machine.disk().content(lab::in_log(snapshot_file_name(id)));
  REQUIRE(content.has_value());
  bytes = Slice::copy_of(as_bytes(*content));
  auto parsed = parse_snapshot(bytes.view());
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

io::Task<void> twenty_topics(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) co_return;
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  CHECK(node.image().topic_count() >= node.witness.acknowledged.size());
  const std::size_t before = node.witness.acknowledged.size();
  for (std::size_t i = before; i < before + 20; ++i) {
    co_await node.create(fmt::format("topic-{}-{}", i, node.quorum.leader_epoch()));
    co_await node.take_id();
  }
  co_await node.end();
}

io::Task<void> look(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) co_return;
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  co_await node.end();
}

io::Task<void> stay(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
}

io::Task<void> refused(TestNode& node) {
  const bool began = co_await node.begin();
  CHECK(!began);
  co_await node.quorum.stop();
}

// Snapshots every few topics, segments of a few batches, and nothing old is kept.
void keep_little(Lab& lab) {
  lab.witness.snapshots.max_new_bytes = 2'000;
  lab.witness.snapshots.retention_bytes = 1;
  lab.witness.segment_bytes = 4'000;
}

}  // namespace

TEST_CASE("a snapshot is made whenever the log has grown enough, and holds the image of that moment") {
  Lab lab(1);
  lab.witness.snapshots.max_new_bytes = 2'000;
  lab.live(twenty_topics);
  const auto ids = snapshots_of(lab);
  REQUIRE(ids.size() >= 3);
  CHECK(ids.front() == bootstrap_snapshot);
  Slice bytes;
  const SnapshotContent last = snapshot_at(lab, ids.back(), bytes);
  CHECK(last.voters->kraft_version == 1);
  CHECK(last.voters->voters.size() == 1);
  CHECK(last.last_contained_ms > 0);
  metadata::MetadataLoader loader(std::make_shared<const metadata::MetadataImage>());
  REQUIRE(loader.on_batch(last.records, {ids.back().end_offset - 1, 1, 0}).has_value());
  CHECK(loader.tail().topic_count() > 10);
  lab.live(look);
}

TEST_CASE("a snapshot is made after the interval, also when only NoOp records came, and none without an interval") {
  for (const bool never : {false, true}) {
    Lab lab(2);
    lab.witness.snapshots.max_interval = never ? Duration{} : Duration::from_ms(60'000);
    lab.start(stay);
    lab.world.run_for(Duration::from_seconds(200));
    CHECK(snapshots_of(lab).size() == (never ? 1 : 4));
  }
}

TEST_CASE("a static quorum's snapshot names no voters") {
  Lab lab(3);
  lab.witness.static_voters = true;
  lab.witness.snapshots.max_new_bytes = 2'000;
  lab.live(twenty_topics);
  const auto ids = snapshots_of(lab);
  REQUIRE(!ids.empty());
  Slice bytes;
  CHECK(!snapshot_at(lab, ids.back(), bytes).voters.has_value());
  lab.live(look);
}

TEST_CASE("the log before the second newest snapshot goes when retention is over, and its files a minute later") {
  Lab lab(4);
  keep_little(lab);
  lab.start(stay);
  lab.world.run_for(Duration::from_seconds(90));
  const std::string first = "00000000000000000000.log";
  auto names = files_of_log(lab);
  CHECK(std::ranges::find(names, first) == names.end());
  CHECK(std::ranges::find(names, first + ".deleted") != names.end());
  CHECK(std::ranges::any_of(names, [](const auto& name) { return name.ends_with(".checkpoint.deleted"); }));
  lab.world.run_for(Duration::from_seconds(120));
  names = files_of_log(lab);
  CHECK(std::ranges::find(names, first + ".deleted") == names.end());
  CHECK(std::ranges::find(names, "00000000000000000000-0000000000.checkpoint.deleted") == names.end());
}

TEST_CASE("with the default retention everything is kept") {
  Lab lab(5);
  lab.witness.snapshots.max_new_bytes = 2'000;
  lab.start(stay);
  lab.world.run_for(Duration::from_seconds(300));
  CHECK(snapshots_of(lab).size() >= 5);
  const auto names = files_of_log(lab);
  CHECK(std::ranges::find(names, "00000000000000000000.log") != names.end());
}

TEST_CASE("a crash or a power cut at any moment of snapshots and clean-up loses nothing") {
  int cleaned = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    keep_little(lab);
    Random random(seed);
    for (int round = 0; round < 6; ++round) {
      auto& process = lab.start(twenty_topics);
      // A life long enough for the clean-up after a minute, or cut short somewhere.
      const bool long_life = random.below(4) == 0;
      if (long_life) lab.world.run_for(Duration::from_seconds(59));
      lab.world.run_for(Duration::from_us(random.between(100, long_life ? 70'000'000 : 200'000)));
      lab.cut_short(process, random);
    }
    lab.live(look);
    const auto names = files_of_log(lab);
    if (std::ranges::find(names, "00000000000000000000.log") == names.end()) ++cleaned;
    CHECK(std::ranges::none_of(names, [](const auto& name) { return name.ends_with(".checkpoint.part"); }));
  }
  CHECK(cleaned > 12);
}

TEST_CASE("a damaged newest snapshot stops the start, names the file and the reason, and touches nothing") {
  Lab lab(7);
  lab.witness.snapshots.max_new_bytes = 2'000;
  lab.live(twenty_topics);
  const std::string file = lab::in_log(snapshot_file_name(snapshots_of(lab).back()));
  const auto before = files_of_log(lab);
  REQUIRE(lab.machine.disk().flip_bit(file, 400, 1));
  auto& process = lab.start(refused);
  lab.world.run_for(Duration::from_seconds(1));
  CHECK(lab.witness.failure.find(file + " is damaged or foreign: the batch at offset ") == 0);
  CHECK(files_of_log(lab) == before);
  lab.machine.kill(process);
  lab.world.run_for(Duration::from_ms(1));
  REQUIRE(lab.machine.disk().flip_bit(file, 400, 1));
  lab.witness.failure.clear();
  lab.live(look);
}

TEST_CASE("a log without the snapshot that covers its missing beginning is refused") {
  Lab lab(8);
  keep_little(lab);
  lab.start(stay);
  lab.world.run_for(Duration::from_seconds(200));
  lab.cut_power();
  for (const SnapshotId& id : snapshots_of(lab)) {
    REQUIRE(lab.machine.disk().remove(lab::in_log(snapshot_file_name(id))).has_value());
  }
  lab.start(refused);
  lab.world.run_for(Duration::from_seconds(1));
  CHECK(lab.witness.failure.find("and no snapshot covers what was before") != std::string::npos);
}

TEST_CASE("what an earlier process left unfinished or meant to remove is removed") {
  Lab lab(9);
  lab.live(twenty_topics);
  const std::string part = "00000000000000000009-0000000001-2717.checkpoint.part";
  const std::string deleted = "00000000000000000005-0000000001.checkpoint.deleted";
  const Slice junk = Slice::copy_of(as_bytes(std::string_view("junk")));
  place(lab, {{"__cluster_metadata-0/" + part, junk}, {"__cluster_metadata-0/" + deleted, junk}});
  lab.live(look);
  const auto names = files_of_log(lab);
  CHECK(std::ranges::find(names, part) == names.end());
  CHECK(std::ranges::find(names, deleted) == names.end());
}

}  // namespace highwater::engine
