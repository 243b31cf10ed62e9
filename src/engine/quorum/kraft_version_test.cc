// kraft.version of a static quorum rises from 0 to 1 (KIP-853): the voters come into the log and stay there.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <string>
#include <vector>

#include "engine/quorum/snapshot_file.h"
#include "engine/quorum/test_lab.h"
#include "foundation/base/random.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

using lab::Lab;
using lab::TestNode;

io::Task<std::int16_t> raise(TestNode& node) {
  messages::UpdateFeaturesRequest request;
  auto& update = request.feature_updates.emplace_back();
  update.feature = "kraft.version";
  update.max_version_level = 1;
  update.upgrade_type = 1;
  ControllerCaller caller;
  caller.request_bytes = node.witness.request_bytes;
  auto answer = co_await node.door.ask<messages::UpdateFeaturesResponse>(request, std::move(caller));
  co_return answer.error_code;
}

// The directory of the voter, as DescribeQuorum shows it.
io::Task<Uuid> voter_directory(TestNode& node) {
  messages::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  const ControllerCaller caller;
  auto answer = co_await node.door.ask<messages::DescribeQuorumResponse>(request, caller);
  co_return answer.topics.at(0).partitions.at(0).current_voters.at(0).replica_directory_id;
}

std::vector<raft::Voters> voters_in(Lab& lab) {
  std::vector<raft::Voters> all;
  const auto content = lab.machine.disk().content(lab::in_log("00000000000000000000.log"));
  REQUIRE(content.has_value());
  records::BatchScanner scanner(as_bytes(*content));
  while (const auto raw = scanner.next()) {
    const auto batch = decode_metadata_batch(raw->view());
    REQUIRE(batch.has_value());
    if (!batch->voters.has_value()) continue;
    CHECK(batch->kraft_version == 1);
    all.push_back(*batch->voters);
  }
  return all;
}

io::Task<void> raise_between_topics(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  CHECK(node.image().kraft_version() == 0);
  co_await node.create("before");
  auto error = co_await raise(node);
  CHECK(error == 0);
  CHECK(node.image().kraft_version() == 1);
  const Uuid directory = co_await voter_directory(node);
  CHECK(directory != Uuid{});
  error = co_await raise(node);
  CHECK(error == 0);
  co_await node.create("after");
  co_await node.end();
}

io::Task<void> look_for_level_one(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) co_return;
  CHECK(node.image().kraft_version() == 1);
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  co_await node.end();
}

io::Task<void> twenty_more(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  for (int i = 0; i < 20; ++i) co_await node.create(fmt::format("topic-{}-{}", i, node.quorum.leader_epoch()));
  co_await node.end();
}

// The topic "raised" says that a rise was acknowledged.
io::Task<void> raise_again_and_again(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) co_return;
  if (node.witness.acknowledged.contains("raised")) CHECK(node.image().kraft_version() == 1);
  for (int i = 0; i < 40; ++i) {
    std::string name = fmt::format("t-{}-{}", node.quorum.leader_epoch(), i);
    co_await node.create(std::move(name));
    auto error = co_await raise(node);
    CHECK(error == 0);
    CHECK(node.image().kraft_version() == 1);
    if (!node.witness.acknowledged.contains("raised")) co_await node.create("raised");
    co_await node.process.reactor(0).sleep_until(node.process.reactor(0).now() + Duration::from_ms(5));
  }
  co_await node.end();
}

// From its first second on; what is refused leaves the quorum as it was.
io::Task<void> raise_when_there_is_space(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  io::Reactor& reactor = node.process.reactor(0);
  co_await reactor.sleep_until(reactor.now() + Duration::from_seconds(1));
  std::int16_t error = -1;
  while (error != 0) {
    error = co_await raise(node);
    const bool raised = error == 0;
    if (!raised) ++node.witness.refused;
    CHECK(node.image().kraft_version() == (raised ? 1 : 0));
    const Uuid directory = co_await voter_directory(node);
    CHECK((directory != Uuid{}) == raised);
    co_await reactor.sleep_until(reactor.now() + Duration::from_ms(50));
  }
  co_await node.create("raised");
  co_await node.end();
}

}  // namespace

TEST_CASE("kraft.version rises while the node runs, is decided on or off the loop, and is written once") {
  for (const std::size_t request_bytes : {std::size_t{0}, std::size_t{1} << 20}) {
    CAPTURE(request_bytes);
    Lab lab(1);
    lab.cores = 2;
    lab.witness.static_voters = true;
    lab.witness.request_bytes = request_bytes;
    lab.live(raise_between_topics);
    const auto voters = voters_in(lab);
    REQUIRE(voters.size() == 1);
    CHECK(voters[0].size() == 1);
    CHECK(voters[0][0].key.id == 1);
    CHECK(voters[0][0].endpoints == std::vector<raft::VoterEndpoint>{{"CONTROLLER", "127.0.0.1", 9093}});
    CHECK(voters[0][0].kraft_version_highest == 1);
  }
}

TEST_CASE("after a restart the level comes from the log, with and without the voters of the configuration") {
  Lab lab(2);
  lab.witness.static_voters = true;
  lab.live(raise_between_topics);
  lab.live(look_for_level_one);
  lab.witness.static_voters = false;
  lab.live(look_for_level_one);
  CHECK(voters_in(lab).size() == 1);
  const auto state = lab.machine.disk().content(lab::in_log("quorum-state"));
  REQUIRE(state.has_value());
  CHECK(state->find("\"data_version\":1") != std::string::npos);
}

TEST_CASE("a snapshot behind the rise carries level and voters, and is enough to start from") {
  Lab lab(3);
  lab.witness.static_voters = true;
  lab.live(raise_between_topics);
  lab.witness.snapshots.max_new_bytes = 2'000;
  lab.live(twenty_more);
  lab.witness.static_voters = false;
  lab.live(look_for_level_one);
  const auto entries = lab.machine.disk().list(lab::in_log(""));
  REQUIRE(entries.has_value());
  int snapshots = 0;
  for (const auto& entry : *entries) {
    if (!parse_snapshot_file_name(entry.name).has_value()) continue;
    const auto content = lab.machine.disk().content(lab::in_log(entry.name));
    const auto snapshot = parse_snapshot(as_bytes(*content));
    REQUIRE(snapshot.has_value());
    REQUIRE(snapshot->voters.has_value());
    CHECK(snapshot->voters->kraft_version == 1);
    CHECK(snapshot->voters->voters.size() == 1);
    ++snapshots;
  }
  CHECK(snapshots > 0);
}

TEST_CASE("a rise that is acknowledged survives a crash or a power cut at any moment") {
  int raised = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    lab.witness.static_voters = true;
    Random random(seed);
    for (int round = 0; round < 3; ++round) {
      auto& process = lab.start(raise_again_and_again);
      lab.world.run_for(Duration::from_us(random.between(100, 60'000)));
      lab.cut_short(process, random);
    }
    if (!lab.witness.acknowledged.contains("raised")) continue;
    ++raised;
    lab.live(look_for_level_one);
  }
  CHECK(raised > 10);
}

TEST_CASE("without space kraft.version stays as it was, and with space again it rises") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    lab.cores = seed % 2 == 0 ? 1 : 2;
    lab.witness.static_voters = true;
    lab.witness.request_bytes = seed % 3 == 0 ? 0 : 1 << 20;
    auto& process = lab.start(raise_when_there_is_space);
    lab.world.run_for(Duration::from_ms(900));
    auto& disk = lab.machine.disk();
    const std::uint64_t capacity = disk.conditions().capacity;
    // Inside the batches of the rise or before them.
    disk.conditions().capacity = disk.used() + seed * 15;
    lab.world.run_for(Duration::from_seconds(3));
    CHECK(lab.witness.refused > 5);
    disk.conditions().capacity = capacity;
    lab.world.run_for(Duration::from_seconds(20));
    CHECK(lab.witness.done);
    lab.machine.kill(process);
    lab.world.run_for(Duration::from_ms(1));
    CHECK(voters_in(lab).size() == 1);
    lab.live(look_for_level_one);
  }
}

}  // namespace highwater::engine
