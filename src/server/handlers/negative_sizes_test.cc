#include "server/handlers/negative_sizes.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/partition/directories.h"
#include "engine/partition/partition_host.h"
#include "engine/partition/partitions.h"
#include "engine/routing/cores.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"
#include "protocol/records/batch_builder.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using engine::Isolation;
using engine::ReadOutcome;
using engine::ReadPart;

constexpr NodeId self = 1;
constexpr Offset first_undecided = 2;
constexpr Offset end = 3;
const Duration longest_wait = Duration::from_seconds(60);

TopicPartition numbered(std::int32_t index) { return {Uuid::from_halves(3, 4), index}; }

ReadPart part(std::int32_t index, Offset offset) {
  ReadPart part;
  part.partition = numbered(index);
  part.offset = offset;
  part.max_bytes = 1 << 20;
  return part;
}

Slice one_record(const records::BatchOptions& options = {}) {
  records::BatchBuilder builder(options);
  records::NewRecord record;
  record.timestamp = 1000;
  record.value = records::Nullable::of(as_bytes(std::string_view("value")));
  builder.append(record);
  return Slice::copy_of(builder.finish());
}

Slice transactional_record() {
  records::BatchOptions options;
  options.producer_id = 7;
  options.producer_epoch = 0;
  options.base_sequence = 0;
  options.transactional = true;
  return one_record(options);
}

// What is asked, what is heard, and how long that took.
struct Asked {
  std::vector<ReadPart> parts;
  std::vector<bool> negative;
  Isolation isolation = Isolation::read_uncommitted;
  std::vector<ReadOutcome> outcomes;
  Duration waited;
  bool answered = false;
};

// Leads two partitions, each of two records and a third of a transaction that stays open.
class Broker final : public io::sim::Program {
 public:
  Broker(io::Reactor& reactor, Asked& asked)
      : cores_({&reactor}), directories_(reactor, logger_, places_), tasks_(reactor.ready()) {
    engine::HostOptions options;
    options.node_id = self;
    options.directories = places_;
    host_ =
        std::make_unique<engine::PartitionHost>(engine::PartitionHost::Deps{cores_, 0, logger_, directories_}, options);
    door_ = std::make_unique<engine::Partitions>(cores_, 0, std::vector{host_.get()}, image_);
    doors_.reactor = &reactor;
    doors_.partitions = door_.get();
    tasks_.spawn(answer(asked));
  }

 private:
  io::Task<void> fill(std::int32_t index) {
    engine::Assignment assignment;
    assignment.partition = numbered(index);
    assignment.topic = "topic";
    assignment.leader = self;
    assignment.leader_epoch = 0;
    assignment.replicas = {self};
    assignment.in_sync = {self};
    host_->assign(std::move(assignment), {});
    co_await host_->settled();
    for (Slice& records : std::vector{one_record(), one_record(), transactional_record()}) {
      const engine::AppendOptions options;
      std::vector<engine::AppendPart> parts;
      parts.push_back({numbered(index), std::move(records)});
      auto outcomes = co_await door_->append(std::move(parts), options);
      REQUIRE(outcomes.front().error == ErrorCode::none);
    }
  }

  io::Task<void> answer(Asked& asked) {
    io::Reactor& reactor = *doors_.reactor;
    auto made = co_await reactor.files().make_directories(places_.front().path);
    REQUIRE(made.has_value());
    auto found = co_await directories_.open();
    REQUIRE(found.has_value());
    for (std::int32_t index = 0; index < 2; ++index) co_await fill(index);
    RequestContext context{{}, {}, peer_, doors_, image_, reactor.now()};
    engine::ReadOptions options;
    options.isolation = asked.isolation;
    options.min_bytes = 1 << 20;
    options.deadline = context.received + longest_wait;
    asked.outcomes = co_await read_with_negative_sizes(asked.parts, asked.negative, options, context);
    asked.waited = reactor.now() - context.received;
    asked.answered = true;
  }

  Logger logger_{silent_log_sink(), "test"};
  std::vector<engine::Directories::Directory> places_{{"/data", Uuid::from_halves(5, 5)}};
  engine::Cores cores_;
  engine::Directories directories_;
  metadata::ImageHandle image_ = std::make_shared<const metadata::MetadataImage>();
  std::unique_ptr<engine::PartitionHost> host_;
  std::unique_ptr<engine::Partitions> door_;
  Doors doors_;
  Peer peer_;
  io::TaskGroup tasks_;
};

void ask(Asked& asked) {
  io::sim::World world(1);
  io::sim::Machine& machine = world.add_machine({.name = "broker"});
  machine.start({},
                [&asked](io::sim::Process& process) { return std::make_unique<Broker>(process.reactor(0), asked); });
  world.run_for(longest_wait * 2);
  REQUIRE(asked.answered);
  REQUIRE(asked.outcomes.size() == asked.parts.size());
}

}  // namespace

TEST_CASE("a negative size fails where there is something to read, and tells nothing else") {
  for (const Offset offset : {Offset{0}, Offset{1}, first_undecided}) {
    CAPTURE(offset);
    Asked asked{.parts = {part(0, offset)}, .negative = {true}};
    ask(asked);
    const ReadOutcome& outcome = asked.outcomes.front();
    CHECK(outcome.error == ErrorCode::unknown_server_error);
    CHECK(outcome.high_watermark == no_offset);
    CHECK(outcome.size() == 0);
    CHECK(asked.waited < longest_wait);
  }
}

TEST_CASE("at the end of the log a negative size is answered as if there were none, at once") {
  Asked asked{.parts = {part(0, end)}, .negative = {true}};
  ask(asked);
  const ReadOutcome& outcome = asked.outcomes.front();
  CHECK(outcome.error == ErrorCode::none);
  CHECK(outcome.high_watermark == end);
  CHECK(outcome.size() == 0);
  CHECK(asked.waited < longest_wait);
}

TEST_CASE("who reads what is committed has nothing to read behind the last stable offset") {
  Asked behind{.parts = {part(0, first_undecided)}, .negative = {true}, .isolation = Isolation::read_committed};
  ask(behind);
  CHECK(behind.outcomes.front().error == ErrorCode::none);
  CHECK(behind.outcomes.front().last_stable_offset == first_undecided);
  Asked before{.parts = {part(0, first_undecided - 1)}, .negative = {true}, .isolation = Isolation::read_committed};
  ask(before);
  CHECK(before.outcomes.front().error == ErrorCode::unknown_server_error);
}

TEST_CASE("whoever may not read there hears why, whatever the size") {
  Asked asked{.parts = {part(0, end + 1), part(9, 0)}, .negative = {true, true}};
  ask(asked);
  CHECK(asked.outcomes[0].error == ErrorCode::offset_out_of_range);
  CHECK(asked.outcomes[1].error == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("beside a part that failed the others get their records, and nobody waits for more") {
  Asked asked{.parts = {part(0, 0), part(1, 0)}, .negative = {true, false}};
  ask(asked);
  CHECK(asked.outcomes[0].error == ErrorCode::unknown_server_error);
  CHECK(asked.outcomes[1].error == ErrorCode::none);
  CHECK(asked.outcomes[1].size() > 0);
  CHECK(asked.waited < longest_wait);
}

TEST_CASE("beside a negative size that failed nowhere the others wait for as much as was asked for") {
  Asked asked{.parts = {part(1, 0), part(0, end)}, .negative = {false, true}};
  ask(asked);
  CHECK(asked.outcomes[0].size() > 0);
  CHECK(asked.outcomes[1].error == ErrorCode::none);
  CHECK(asked.waited >= longest_wait);
}

}  // namespace highwater::server
