#include <doctest/doctest.h>
#include <fmt/core.h>

#include "engine/quorum/test_lab.h"
#include "foundation/base/random.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"

namespace highwater::engine {

namespace {

using lab::Lab;
using lab::TestNode;

// Goes on asking, whatever the answer.
io::Task<void> stubborn(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) co_return;
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  for (int i = 0; i < 200 && node.quorum.fenced().empty(); ++i) {
    std::string name = fmt::format("topic-{}-{}", node.quorum.leader_epoch(), i);
    auto error = co_await node.try_create(std::move(name));
    CHECK((error == 0 || error == api::wire_code(api::ErrorCode::not_controller)));
    co_await node.process.reactor(0).sleep_until(node.process.reactor(0).now() + Duration::from_ms(50));
  }
  CHECK(node.quorum.fenced() == "");
  CHECK(node.image().topic_count() == node.witness.acknowledged.size());
  co_await node.end();
}

io::Task<void> look(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  CHECK(node.image().topic_count() == node.witness.acknowledged.size());
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  co_await node.end();
}

io::Task<void> make_one(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  co_await node.create("topic");
  co_await node.end();
}

io::Task<void> start_without_space(TestNode& node) {
  const auto started = co_await node.quorum.start();
  CHECK_FALSE(started.has_value());
  co_await node.quorum.stop();
}

// Three hundred topics whose settings do not fit one batch together.
io::Task<void> too_much(TestNode& node) {
  const bool began = co_await node.begin();
  REQUIRE(began);
  std::string replicas = "0:1";
  while (replicas.size() < 30'000) replicas += ",0:1";
  messages::CreateTopicsRequest request;
  for (int i = 0; i < 300; ++i) {
    messages::CreateTopicsRequest::CreatableTopic topic;
    topic.name = fmt::format("t{}", i);
    topic.num_partitions = 1;
    topic.replication_factor = 1;
    messages::CreateTopicsRequest::CreatableTopicConfig config;
    config.name = "leader.replication.throttled.replicas";
    config.value = replicas;
    topic.configs.push_back(std::move(config));
    request.topics.push_back(std::move(topic));
  }
  const ControllerCaller caller;
  auto answer = co_await node.door.ask<messages::CreateTopicsResponse>(request, caller);
  CHECK(answer.topics.at(0).error_code == api::wire_code(api::ErrorCode::record_list_too_large));
  CHECK(node.image().topic_count() == 0);
  request.topics.resize(200);
  answer = co_await node.door.ask<messages::CreateTopicsResponse>(request, caller);
  CHECK(answer.topics.at(0).error_code == 0);
  CHECK(node.image().topic_count() == 200);
  co_await node.end();
}

}  // namespace

TEST_CASE("a decision that makes a larger batch than Kafka reads is refused, and the next one is not") {
  Lab lab(1);
  lab.live(too_much);
}

TEST_CASE("without space requests are told to try again, and with space again they are served") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    lab.cores = seed % 2 == 0 ? 1 : 2;
    lab.witness.request_bytes = seed % 3 == 0 ? 0 : 1 << 20;
    auto& process = lab.start(stubborn);
    lab.world.run_for(Duration::from_seconds(2));
    auto& disk = lab.machine.disk();
    const std::uint64_t capacity = disk.conditions().capacity;
    const std::size_t before = lab.witness.acknowledged.size();
    CHECK(before > 5);
    // Somewhere in the middle of a batch.
    disk.conditions().capacity = disk.used() + 10 + seed * 7;
    lab.world.run_for(Duration::from_seconds(3));
    CHECK(lab.witness.refused > 5);
    const std::size_t full = lab.witness.acknowledged.size();
    disk.conditions().capacity = capacity;
    lab.world.run_for(Duration::from_seconds(3));
    CHECK(lab.witness.acknowledged.size() > full + 5);
    lab.world.run_for(Duration::from_seconds(20));
    CHECK(lab.witness.done);
    lab.machine.kill(process);
    lab.world.run_for(Duration::from_ms(1));
    lab.live(look);
  }
}

TEST_CASE("a start for which there was no space does not hinder the next one") {
  Lab lab(1);
  lab.live(make_one);
  auto& disk = lab.machine.disk();
  const std::uint64_t capacity = disk.conditions().capacity;
  disk.conditions().capacity = disk.used() + 100;  // for the checkpoint of a stop, but not for a leader's first records
  lab.live(start_without_space);
  disk.conditions().capacity = capacity;
  lab.live(look);
}

TEST_CASE("a full disk and a power cut together lose nothing that was acknowledged") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Lab lab(seed);
    Random random(seed);
    lab.witness.snapshots.max_new_bytes = 3'000;
    lab.witness.request_bytes = seed % 2 == 0 ? 0 : 1 << 20;
    auto& disk = lab.machine.disk();
    const std::uint64_t capacity = disk.conditions().capacity;
    lab.start(stubborn);
    lab.world.run_for(Duration::from_seconds(2));
    disk.conditions().capacity = disk.used() + random.below(3'000);
    lab.world.run_for(Duration::from_us(random.between(1'000, 3'000'000)));
    lab.cut_power();
    disk.conditions().capacity = capacity;
    lab.witness.clean_epoch = -1;
    lab.live(look);
  }
}

}  // namespace highwater::engine
