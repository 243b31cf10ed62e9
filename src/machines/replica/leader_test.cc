#include "machines/replica/leader.h"

#include <doctest/doctest.h>

namespace highwater::replica {
namespace {

Leader::Start alone() { return {.self = 1, .replicas = {1}, .in_sync = {1}}; }

Leader::Start of_three() { return {.self = 1, .replicas = {1, 2, 3}, .in_sync = {1, 2, 3}, .min_in_sync = 2}; }

TEST_CASE("the only replica commits what its own log has committed") {
  Leader leader(alone());
  leader.wait(7, 5, Need::in_sync);
  leader.on_local_end(4);
  Leader::Output first = leader.take_output();
  CHECK(first.high_watermark == 4);
  CHECK(first.answers.empty());
  leader.on_local_end(5);
  Leader::Output second = leader.take_output();
  CHECK(second.high_watermark == 5);
  CHECK(second.answers == std::vector<Answered>{{7, Answer::acknowledged}});
  CHECK(leader.waiting() == 0);
}

TEST_CASE("leader keeps the ack until the slowest in-sync follower reaches the offset") {
  Leader leader(of_three());
  leader.wait(1, 5, Need::in_sync);
  leader.wait(2, 5, Need::local);
  leader.on_local_end(5);
  leader.on_follower_end(2, 5);
  leader.on_follower_end(3, 4);
  Leader::Output output = leader.take_output();
  CHECK(output.high_watermark == 4);
  CHECK(output.answers == std::vector<Answered>{{2, Answer::acknowledged}});
  leader.on_follower_end(3, 5);
  CHECK(leader.take_output().answers == std::vector<Answered>{{1, Answer::acknowledged}});
}

TEST_CASE("a shrunk in-sync set lets the watermark pass the one that left") {
  Leader leader(of_three());
  leader.on_local_end(5);
  leader.on_follower_end(2, 5);
  CHECK_FALSE(leader.take_output().high_watermark.has_value());
  leader.on_in_sync({1, 2});
  CHECK(leader.take_output().high_watermark == 5);
}

TEST_CASE("the watermark stands still while too few replicas are in sync") {
  Leader leader(of_three());
  leader.on_in_sync({1});
  CHECK_FALSE(leader.enough_in_sync());
  leader.on_local_end(5);
  CHECK(leader.high_watermark() == 0);
  leader.on_follower_end(2, 5);
  leader.on_in_sync({1, 2});
  CHECK(leader.high_watermark() == 5);
}

TEST_CASE("the minimum of in-sync replicas is never above the number of replicas") {
  Leader::Start start = alone();
  start.min_in_sync = 3;
  Leader leader(start);
  CHECK(leader.enough_in_sync());
}

TEST_CASE("the watermark never moves back when a lagging replica joins") {
  Leader leader(of_three());
  leader.on_in_sync({1, 2});
  leader.on_local_end(9);
  leader.on_follower_end(2, 9);
  CHECK(leader.high_watermark() == 9);
  leader.on_in_sync({1, 2, 3});
  leader.on_follower_end(3, 4);
  CHECK(leader.high_watermark() == 9);
}

TEST_CASE("an offset reached while too few are in sync is answered as such") {
  Leader leader(of_three());
  leader.on_local_end(5);
  leader.on_follower_end(2, 5);
  leader.on_follower_end(3, 5);
  leader.on_in_sync({1});
  leader.take_output();
  leader.wait(3, 5, Need::in_sync);
  CHECK(leader.take_output().answers == std::vector<Answered>{{3, Answer::too_few_in_sync}});
}

TEST_CASE("a forgotten ticket is not answered") {
  Leader leader(alone());
  leader.wait(1, 5, Need::in_sync);
  leader.wait(2, 5, Need::local);
  leader.forget(1);
  leader.forget(2);
  leader.on_local_end(5);
  CHECK(leader.take_output().answers.empty());
}

TEST_CASE("what was taken back is answered so and what was kept goes on waiting") {
  Leader leader(alone());
  leader.wait(1, 5, Need::in_sync);
  leader.wait(2, 9, Need::in_sync);
  leader.wait(3, 9, Need::local);
  leader.on_taken_back(5);
  CHECK(leader.take_output().answers == std::vector<Answered>{{3, Answer::taken_back}, {2, Answer::taken_back}});
  CHECK(leader.waiting() == 1);
}

TEST_CASE("a new leader's watermark is its own only once it reaches the start of its epoch") {
  Leader::Start start = of_three();
  start.high_watermark = 3;
  start.committed_end = 8;
  start.epoch_start = 8;
  Leader leader(start);
  CHECK_FALSE(leader.watermark_is_ours());
  leader.on_follower_end(2, 8);
  leader.on_follower_end(3, 8);
  CHECK(leader.watermark_is_ours());
}

TEST_CASE("tickets are answered in the order of their offsets") {
  Leader leader(alone());
  leader.wait(2, 20, Need::in_sync);
  leader.wait(1, 10, Need::in_sync);
  leader.on_local_end(20);
  CHECK(leader.take_output().answers == std::vector<Answered>{{1, Answer::acknowledged}, {2, Answer::acknowledged}});
}

}  // namespace
}  // namespace highwater::replica
