#include <doctest/doctest.h>

#include <utility>

#include "engine/quorum/test_lab.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"

namespace highwater::engine {

namespace {

using lab::Lab;
using lab::TestNode;
using messages::CreateTopicsRequest;
using messages::CreateTopicsResponse;

constexpr std::size_t long_request = 1 << 20;

// Asks for the topic "t" with a request that counts as so many bytes.
io::Future<CreateTopicsResponse> ask(TestNode& node, std::size_t bytes, Instant deadline = Instant::never()) {
  CreateTopicsRequest request;
  CreateTopicsRequest::CreatableTopic topic;
  topic.name = "t";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  request.topics.push_back(std::move(topic));
  ControllerCaller caller;
  caller.request_bytes = bytes;
  caller.deadline = deadline;
  return node.own_door.ask<CreateTopicsResponse>(request, std::move(caller));
}

std::int16_t error_of(const CreateTopicsResponse& answer) { return answer.topics.at(0).error_code; }

// The second request for the same topic must find that the first has made it.
io::Task<void> a_long_and_a_short(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  auto first = ask(node, long_request);
  auto second = ask(node, 0);
  auto of_second = co_await std::move(second);
  auto of_first = co_await std::move(first);
  CHECK(error_of(of_first) == 0);
  CHECK(error_of(of_second) == api::wire_code(api::ErrorCode::topic_already_exists));
  CHECK(node.image().topic_count() == 1);
  co_await node.end();
}

io::Task<void> a_late_one(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  auto asked = ask(node, long_request, node.process.reactor(0).now());
  auto answer = co_await std::move(asked);
  CHECK(error_of(answer) == api::wire_code(api::ErrorCode::request_timed_out));
  CHECK(node.image().topic_count() == 0);
  co_await node.end();
}

// The first is away, the second waits with all that may wait, the third is one too many.
io::Task<void> too_much_waits(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  constexpr std::size_t all_that_may_wait = std::size_t{256} << 20;
  auto first = ask(node, all_that_may_wait);
  auto second = ask(node, all_that_may_wait);
  auto third = ask(node, all_that_may_wait);
  auto of_third = co_await std::move(third);
  auto of_second = co_await std::move(second);
  auto of_first = co_await std::move(first);
  CHECK(error_of(of_first) == 0);
  CHECK(error_of(of_second) == api::wire_code(api::ErrorCode::topic_already_exists));
  CHECK(error_of(of_third) == api::wire_code(api::ErrorCode::request_timed_out));
  auto fourth = ask(node, all_that_may_wait);
  auto of_fourth = co_await std::move(fourth);
  CHECK(error_of(of_fourth) == api::wire_code(api::ErrorCode::topic_already_exists));
  co_await node.end();
}

io::Task<void> stopped_meanwhile(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  auto first = ask(node, long_request);
  auto second = ask(node, long_request);
  co_await node.quorum.stop();
  auto of_first = co_await std::move(first);
  auto of_second = co_await std::move(second);
  CHECK(error_of(of_first) == api::wire_code(api::ErrorCode::not_controller));
  CHECK(error_of(of_second) == api::wire_code(api::ErrorCode::not_controller));
  node.witness.done = true;
}

}  // namespace

TEST_CASE("what is asked while a long decision is away is decided on what that one left") {
  Lab lab(1);
  lab.live(a_long_and_a_short);
}

TEST_CASE("a long request whose time is over is refused and changes nothing") {
  Lab lab(1);
  lab.live(a_late_one);
}

TEST_CASE("requests that wait for a long decision are bounded, the one above is refused") {
  Lab lab(1);
  lab.live(too_much_waits);
}

TEST_CASE("a stop waits for the decision that is away, and refuses it with what waits behind it") {
  Lab lab(1);
  lab.live(stopped_meanwhile);
}

}  // namespace highwater::engine
