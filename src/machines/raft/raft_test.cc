#include "machines/raft/raft.h"

#include <doctest/doctest.h>

namespace highwater::raft {

namespace {

const Uuid directory = Uuid::from_halves(5, 6);

Voter voter(NodeId id, std::uint16_t port) { return {{id, directory}, {{"CONTROLLER", "127.0.0.1", port}}, 0, 1}; }

RaftStart one_voter(std::int16_t kraft_version) {
  RaftStart start;
  start.self = voter(1, 9093);
  start.voters = {start.self};
  start.kraft_version = kraft_version;
  return start;
}

// Runs the election up to the epoch start.
EpochStart elect(Raft& raft) {
  raft.campaign();
  CHECK(raft.take_output().to_persist->voted.has_value());
  raft.on_persisted();
  CHECK(raft.take_output().to_persist->leader == 1);
  raft.on_persisted();
  auto output = raft.take_output();
  REQUIRE(output.to_append.has_value());
  return *output.to_append;
}

}  // namespace

TEST_CASE("a quorum of one votes for itself, persists, leads, and says so in the log") {
  auto raft = *Raft::create(one_voter(1));
  raft.campaign();
  auto output = raft.take_output();
  CHECK(*output.to_persist == ElectionState{1, no_node, ReplicaKey{1, directory}});
  CHECK(!raft.leads());
  raft.on_persisted();
  output = raft.take_output();
  CHECK(*output.to_persist == ElectionState{1, 1, std::nullopt});
  CHECK(!output.to_append.has_value());
  raft.on_persisted();
  output = raft.take_output();
  CHECK(output.to_append->epoch == 1);
  CHECK(output.to_append->granting == std::vector<NodeId>{1});
}

TEST_CASE("the first leader writes kraft.version and voters, later ones only when their endpoint changed") {
  auto start = one_voter(1);
  auto first = *Raft::create(start);
  CHECK(elect(first).voter_set.has_value());
  start.voters_in_log = true;
  auto later = *Raft::create(start);
  CHECK(!elect(later).voter_set.has_value());
  start.self = voter(1, 9999);
  auto moved = *Raft::create(start);
  CHECK(elect(moved).voter_set->at(0).endpoints.at(0).port == 9999);
}

TEST_CASE("a static quorum writes neither kraft.version nor voters") {
  auto raft = *Raft::create(one_voter(0));
  CHECK(!elect(raft).voter_set.has_value());
}

TEST_CASE("a leader of a static quorum raises kraft.version once, and what is taken back raises nothing") {
  auto raft = *Raft::create(one_voter(0));
  elect(raft);
  raft.on_appended(1);
  raft.on_durable(1);
  const auto raise = raft.raise_kraft_version(1);
  CHECK(raise.kraft_version == 1);
  CHECK(raise.voters == Voters{voter(1, 9093)});
  CHECK(raft.kraft_version() == 1);
  raft.on_appended(3);
  raft.on_truncated(1);
  CHECK(raft.kraft_version() == 0);
  raft.on_appended(2);
  CHECK(raft.raise_kraft_version(1).voters.size() == 1);
  raft.on_appended(4);
  raft.on_appended(9);
  raft.on_truncated(4);
  CHECK(raft.kraft_version() == 1);
}

TEST_CASE("records of former epochs are committed only with one of the own epoch") {
  auto start = one_voter(1);
  start.log_end = 10;
  start.log_epoch = 4;
  auto raft = *Raft::create(start);
  CHECK(elect(raft).epoch == 5);
  raft.on_durable(10);
  CHECK(!raft.high_watermark().has_value());
  raft.on_appended(13);
  raft.on_durable(13);
  CHECK(raft.take_output().high_watermark == 13);
}

TEST_CASE("the epoch rises over quorum-state and over the log, whichever is newer") {
  auto start = one_voter(1);
  start.election = {7, 1, std::nullopt};
  start.log_epoch = 3;
  auto by_state = *Raft::create(start);
  CHECK(elect(by_state).epoch == 8);
  start.log_epoch = 9;
  auto by_log = *Raft::create(start);
  CHECK(elect(by_log).epoch == 10);
}

TEST_CASE("a node that is not the only voter does not lead") {
  auto start = one_voter(1);
  start.voters = {voter(2, 1)};
  CHECK(!Raft::create(start).has_value());
  start.voters = {voter(1, 1), voter(2, 1)};
  CHECK(!Raft::create(start).has_value());
  start.voters = {voter(1, 1)};
  start.voters[0].key.directory = Uuid::from_halves(9, 9);
  CHECK(!Raft::create(start).has_value());
  start.kraft_version = 0;
  CHECK(Raft::create(start).has_value());
}

TEST_CASE("what did not fit is taken back down to what is committed, and the high watermark goes on from there") {
  auto raft = *Raft::create(one_voter(1));
  elect(raft);
  raft.on_appended(3);
  raft.on_durable(3);
  raft.on_appended(10);
  raft.on_truncated(3);
  raft.on_appended(5);
  raft.on_durable(5);
  CHECK(raft.high_watermark() == 5);
}

}  // namespace highwater::raft
