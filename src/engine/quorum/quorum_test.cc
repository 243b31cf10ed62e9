#include "engine/quorum/quorum.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/quorum/snapshot_file.h"
#include "engine/quorum/test_lab.h"
#include "foundation/base/random.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/snapshot.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

using io::sim::Process;
using lab::data;
using lab::fixture;
using lab::Lab;
using lab::place;
using lab::Placing;
using lab::TestNode;
using metadata::PartitionImage;

io::Task<void> continue_apache(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  CHECK(node.quorum.leader_epoch() == 4);
  const metadata::TopicImage* topic = node.image().find_topic("cfg");
  REQUIRE(topic != nullptr);
  CHECK(topic->find_partition(2)->leader == 1);
  CHECK(node.image().acls().size() == 1);
  co_await node.create("ours");
  co_await node.end();
}

io::Task<void> first_life(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  co_await node.create("t");
  // The answer left when every core could see the topic, or will before it is asked for it.
  CHECK(node.image().find_topic("t") != nullptr);
  co_await node.take_id();
  co_await node.take_id();
  co_await node.end();
}

io::Task<void> second_life(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  const PartitionImage* partition = node.image().find_topic("t")->find_partition(0);
  CHECK(partition->leader == 1);
  CHECK(partition->leader_recovery == metadata::LeaderRecovery::recovered);
  co_await node.take_id();
  co_await node.end();
}

io::Task<void> second_life_refused(TestNode& node) {
  const bool began = co_await node.begin();
  CHECK(!began);
  co_await node.quorum.stop();
}

io::Task<void> many_topics(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) co_return;
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  const std::size_t before = node.witness.acknowledged.size();
  for (std::size_t i = before; i < before + 20; ++i) {
    co_await node.create(fmt::format("topic-{}-{}", i, node.quorum.leader_epoch()));
    co_await node.take_id();
  }
  co_await node.end();
}

io::Task<void> idle(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
}

}  // namespace

TEST_CASE("a topic and producer ids survive a clean stop, and the next life leads without unclean recovery") {
  Lab lab(1);
  lab.live(first_life);
  lab.live(second_life);
  CHECK(lab.witness.producer_ids == std::set<ProducerId>{0, 1, 1000});
  CHECK(lab.machine.disk().content(lab::in_log("quorum-state"))->starts_with(R"({"leaderId":1,"leaderEpoch":2)"));
}

TEST_CASE("a static quorum keeps a quorum-state of version 0") {
  Lab lab(2);
  lab.witness.static_voters = true;
  lab.live(first_life);
  CHECK(
      lab.machine.disk().content(lab::in_log("quorum-state")) ==
      R"({"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0})");
  lab.live(second_life);
}

TEST_CASE("every core sees the images, and the door of another core answers") {
  Lab lab(3);
  lab.cores = 3;
  lab.live(first_life);
  lab.live(second_life);
}

TEST_CASE("a node goes on where Apache's ended, from its log and from a snapshot with nothing behind it") {
  const std::string folder = "__cluster_metadata-0/";
  const std::string voters = "00000000000000000000-0000000000.checkpoint";
  const std::string log = "00000000000000000000.log";
  const Placing common = {{"meta.properties", fixture("meta.properties")},
                          {"bootstrap.checkpoint", fixture("bootstrap.checkpoint")},
                          {folder + "quorum-state", fixture("quorum-state")}};
  Lab from_log(6);
  Placing files = common;
  files.emplace_back(folder + voters, fixture(voters));
  files.emplace_back(folder + log, fixture(log));
  place(from_log, files);
  from_log.live(continue_apache);

  metadata::MetadataLoader loader(std::make_shared<const metadata::MetadataImage>());
  const Slice bytes = fixture(log);
  records::for_each_batch(bytes.view(), [&](const records::RawBatch& raw) {
    const auto batch = decode_metadata_batch(raw.view());
    REQUIRE(loader.on_batch(batch->records, batch->end).has_value());
  });
  SnapshotContent content;
  content.records = metadata::image_records(loader.tail());
  content.voters = parse_snapshot(fixture(voters).view())->voters;
  const SnapshotId id{loader.tail_end().offset + 1, loader.tail_end().epoch};
  Lab from_snapshot(7);
  files = common;
  files.emplace_back(folder + snapshot_file_name(id), print_snapshot(id, content, 1));
  place(from_snapshot, files);
  from_snapshot.live(continue_apache);
}

TEST_CASE("an idle quorum writes a NoOpRecord every half second and nothing else") {
  Lab lab(4);
  lab.start(idle);
  lab.world.run_for(Duration::from_seconds(5));
  const std::string log = lab::in_log("00000000000000000000.log");
  const std::size_t before = lab.machine.disk().content(log)->size();
  lab.world.run_for(Duration::from_seconds(10));
  constexpr std::size_t no_op_batch = 72;
  CHECK(lab.machine.disk().content(log)->size() - before == 20 * no_op_batch);
}

TEST_CASE("damage below what was on the disk stops the start, names the place and cuts nothing") {
  const std::string log = lab::in_log("00000000000000000000.log");
  Lab lab(5);
  lab.live(first_life);
  const std::string whole = *lab.machine.disk().content(log);
  REQUIRE(lab.machine.disk().flip_bit(log, 300, 1));
  Process& refused = lab.start(second_life_refused);
  lab.world.run_for(Duration::from_seconds(1));
  CHECK(lab.witness.failure.find("is damaged at byte") != std::string::npos);
  CHECK(lab.machine.disk().content(log)->size() == whole.size());
  lab.machine.kill(refused);
  lab.world.run_for(Duration::from_ms(1));
  lab.witness.failure.clear();
  REQUIRE(lab.machine.disk().flip_bit(log, 300, 1));
  lab.live(second_life);
}

TEST_CASE("whatever was acknowledged survives kills and power cuts at any moment, formatting included") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    Random random(seed);
    for (int round = 0; round < 6; ++round) {
      Process& process = lab.start(many_topics);
      lab.world.run_for(Duration::from_us(random.between(100, round == 0 ? 20'000 : 120'000)));
      lab.cut_short(process, random);
    }
    lab.live(many_topics);
  }
}

}  // namespace highwater::engine
