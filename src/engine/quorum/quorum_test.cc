#include "engine/quorum/quorum.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/quorum/broker_lifecycle.h"
#include "engine/quorum/controller_door.h"
#include "engine/quorum/format.h"
#include "engine/quorum/meta_properties.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/quorum/producer_ids.h"
#include "engine/quorum/snapshot_file.h"
#include "engine/routing/cores.h"
#include "io/linux/paths.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/snapshot.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

using io::sim::Machine;
using io::sim::Process;
using io::sim::World;
using metadata::PartitionImage;

const std::string data = "/data";

// What outlives a process: for the test to look at afterwards.
struct Witness {
  bool done = false;
  std::string failure;
  BrokerEpoch clean_epoch = -1;        // what a clean stop left in .kafka_cleanshutdown
  std::set<std::string> acknowledged;  // topics
  std::set<ProducerId> producer_ids;   // given out
  bool static_voters = false;
};

FormatOptions format_options(const Witness& witness) {
  FormatOptions options;
  options.cluster_id = "AAAAAAAAAAAAAAAAAAAABQ";
  options.node_id = 1;
  options.directories = {data};
  options.metadata_directory = data;
  if (!witness.static_voters) options.standalone_voter = VoterEndpoint{"CONTROLLER", "127.0.0.1", 9093};
  return options;
}

std::vector<io::Reactor*> reactors_of(Process& process) {
  std::vector<io::Reactor*> reactors;
  for (std::uint32_t core = 0; core < process.cores(); ++core) reactors.push_back(&process.reactor(core));
  return reactors;
}

struct TestNode {
  TestNode(Process& process, const MetaProperties& directory, Witness& seen)
      : witness(seen),
        cores(reactors_of(process)),
        publishers(process.cores()),
        quorum(cores, publisher_list(), options_for(process, directory, seen), Logger(silent_log_sink(), "test")),
        door(cores, process.cores() - 1, quorum),
        lifecycle({process.reactor(0), own_door, quorum, Logger(silent_log_sink(), "test")},
                  identity(process, directory, seen), {}),
        ids(process.reactor(process.cores() - 1), door) {}

  std::vector<MetadataPublisher*> publisher_list() {
    std::vector<MetadataPublisher*> list;
    for (auto& publisher : publishers) list.push_back(&publisher);
    return list;
  }
  static QuorumOptions options_for(Process& process, const MetaProperties& directory, const Witness& witness) {
    QuorumOptions options;
    options.metadata_directory = data;
    options.directory_id = *directory.directory_id;
    options.incarnation = Uuid::from_halves(process.random().next(), process.random().next());
    options.static_voters = witness.static_voters;
    options.controller_listeners = {{"CONTROLLER", "127.0.0.1", 9093, 0}};
    options.controller.node = 1;
    options.controller.cluster_id = *directory.cluster_id;
    return options;
  }
  static BrokerIdentity identity(Process& process, const MetaProperties& directory, const Witness& witness) {
    BrokerIdentity identity;
    identity.id = 1;
    identity.cluster_id = *directory.cluster_id;
    identity.incarnation = Uuid::from_halves(process.random().next(), process.random().next());
    identity.listeners = {{"PLAINTEXT", "127.0.0.1", 9092, 0}};
    identity.directories = {*directory.directory_id};
    identity.previous_epoch = witness.clean_epoch;
    return identity;
  }

  io::Task<bool> begin() {
    auto started = co_await quorum.start();
    if (!started.has_value()) {
      witness.failure = started.error().text;
      co_return false;
    }
    auto registered = co_await lifecycle.start();
    CHECK(registered.has_value());
    auto unfenced = co_await lifecycle.unfence();
    CHECK(unfenced.has_value());
    witness.clean_epoch = -1;
    ids.set_owner({1, lifecycle.epoch()});
    co_return unfenced.has_value();
  }
  io::Task<void> create(std::string name) {
    messages::CreateTopicsRequest request;
    messages::CreateTopicsRequest::CreatableTopic topic;
    topic.name = name;
    topic.num_partitions = 2;
    topic.replication_factor = 1;
    request.topics.push_back(std::move(topic));
    ControllerCaller caller;
    auto answer = co_await door.ask<messages::CreateTopicsResponse>(request, std::move(caller));
    CHECK(answer.topics.at(0).error_code == 0);
    witness.acknowledged.insert(name);
  }
  io::Task<void> take_id() {
    auto id = co_await ids.next();
    CHECK(id.has_value());
    if (id.has_value()) CHECK(witness.producer_ids.insert(*id).second);
  }
  io::Task<void> end() {
    witness.clean_epoch = co_await lifecycle.stop();
    co_await quorum.stop();
  }
  const metadata::MetadataImage& image() const { return *publishers[0].image(); }

  Witness& witness;
  Cores cores;
  std::vector<MetadataPublisher> publishers;
  Quorum quorum;
  ControllerDoor own_door{cores, 0, quorum};
  ControllerDoor door;  // of the last core
  BrokerLifecycle lifecycle;
  ProducerIds ids;
};

using Script = io::Task<void> (*)(TestNode&);

class Life final : public io::sim::Program {
 public:
  Life(Process& process, Script script, Witness& witness) : group_(process.reactor(0).ready()) {
    group_.spawn(run(process, script, witness));
  }

 private:
  io::Task<void> run(Process& process, Script script, Witness& witness) {
    io::FileSystem& files = process.reactor(0).files();
    std::vector<std::string> paths(1, data);
    auto directories = co_await read_log_directories(files, std::move(paths));
    if (directories[0].state == DirectoryState::empty) {
      auto formatted = co_await format_directories(process.reactor(0), format_options(witness));
      CHECK(formatted.has_value());
      std::vector<std::string> again(1, data);
      directories = co_await read_log_directories(files, std::move(again));
    }
    const auto identity = check_identity(directories, 1);
    CHECK(identity.has_value());
    node_ = std::make_unique<TestNode>(process, directories[0].properties, witness);
    co_await script(*node_);
    witness.done = true;
  }

  std::unique_ptr<TestNode> node_;
  io::TaskGroup group_;  // frames go before the node
};

struct Lab {
  explicit Lab(std::uint64_t seed) : world(seed), machine(world.add_machine({.name = "node"})) {}

  Process& start(Script script) {
    witness.done = false;
    return machine.start({.name = "node", .cores = cores},
                         [this, script](Process& process) { return std::make_unique<Life>(process, script, witness); });
  }
  // One life to its end.
  void live(Script script) {
    Process& process = start(script);
    for (int i = 0; i < 600 && !witness.done && witness.failure.empty(); ++i) world.run_for(Duration::from_ms(100));
    CHECK(witness.failure.empty());
    REQUIRE(witness.done);
    machine.kill(process);
    world.run_for(Duration::from_ms(1));
  }

  World world;
  Machine& machine;
  Witness witness;
  std::uint32_t cores = 1;
};

// Puts files on the disk of a machine before its first life.
class Placing final : public io::sim::Program {
 public:
  using Files = std::vector<std::pair<std::string, Slice>>;
  Placing(Process& process, Files files) : group_(process.reactor(0).ready()) {
    group_.spawn(place(process.reactor(0).files(), std::move(files)));
  }

 private:
  static io::Task<void> place(io::FileSystem& disk, Files files) {
    auto made = co_await disk.make_directories(data + "/__cluster_metadata-0");
    CHECK(made.has_value());
    for (auto& [name, content] : files) {
      auto written = co_await disk.replace_file(data + "/" + name, content);
      CHECK(written.has_value());
    }
  }
  io::TaskGroup group_;
};

Slice fixture(const std::string& name) {
  const auto content = io::paths::read_file(std::string(HIGHWATER_FIXTURES "/apache_metadata_log/") + name, 1 << 20);
  REQUIRE(content.has_value());
  return *content;
}

void place(Lab& lab, Placing::Files files) {
  Process& process = lab.machine.start({}, [&](Process& own) { return std::make_unique<Placing>(own, files); });
  lab.world.run_for(Duration::from_seconds(1));
  lab.machine.kill(process);
  lab.world.run_for(Duration::from_ms(1));
}

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
  CHECK(lab.machine.disk()
            .content(data + "/__cluster_metadata-0/quorum-state")
            ->starts_with(R"({"leaderId":1,"leaderEpoch":2)"));
}

TEST_CASE("a static quorum keeps a quorum-state of version 0") {
  Lab lab(2);
  lab.witness.static_voters = true;
  lab.live(first_life);
  CHECK(
      lab.machine.disk().content(data + "/__cluster_metadata-0/quorum-state") ==
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
  const Placing::Files common = {{"meta.properties", fixture("meta.properties")},
                                 {"bootstrap.checkpoint", fixture("bootstrap.checkpoint")},
                                 {folder + "quorum-state", fixture("quorum-state")}};
  Lab from_log(6);
  Placing::Files files = common;
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
  const std::string log = data + "/__cluster_metadata-0/00000000000000000000.log";
  const std::size_t before = lab.machine.disk().content(log)->size();
  lab.world.run_for(Duration::from_seconds(10));
  constexpr std::size_t no_op_batch = 72;
  CHECK(lab.machine.disk().content(log)->size() - before == 20 * no_op_batch);
}

TEST_CASE("damage below what was on the disk stops the start, names the place and cuts nothing") {
  const std::string log = data + "/__cluster_metadata-0/00000000000000000000.log";
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
      if (lab.witness.done || random.below(2) == 0) {
        lab.machine.kill(process);
      } else {
        lab.machine.power_cut();
        lab.world.run_for(Duration::from_ms(10));
        lab.machine.boot();
      }
      CHECK(lab.witness.failure.empty());
      // The clean marker of a life that was cut short does not exist.
      if (!lab.witness.done) lab.witness.clean_epoch = -1;
    }
    lab.live(many_topics);
  }
}

}  // namespace highwater::engine
