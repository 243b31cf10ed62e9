#include <doctest/doctest.h>

#include "engine/quorum/test_lab.h"
#include "io/linux/paths.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"

namespace highwater::engine::lab {

namespace {

using io::sim::Process;

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

QuorumOptions options_for(Process& process, const MetaProperties& directory, const Witness& witness) {
  QuorumOptions options;
  options.metadata_directory = data;
  options.directory_id = *directory.directory_id;
  options.incarnation = Uuid::from_halves(process.random().next(), process.random().next());
  options.static_voters = witness.static_voters;
  options.controller_listeners = {{"CONTROLLER", "127.0.0.1", 9093, 0}};
  options.snapshots = witness.snapshots;
  options.segment_bytes = witness.segment_bytes;
  options.controller.node = 1;
  options.controller.cluster_id = *directory.cluster_id;
  return options;
}

BrokerIdentity identity(Process& process, const MetaProperties& directory, const Witness& witness) {
  BrokerIdentity identity;
  identity.id = 1;
  identity.cluster_id = *directory.cluster_id;
  identity.incarnation = Uuid::from_halves(process.random().next(), process.random().next());
  identity.listeners = {{"PLAINTEXT", "127.0.0.1", 9092, 0}};
  identity.directories = {*directory.directory_id};
  identity.previous_epoch = witness.clean_epoch;
  return identity;
}

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

class Placer final : public io::sim::Program {
 public:
  Placer(Process& process, Placing files) : group_(process.reactor(0).ready()) {
    group_.spawn(put(process.reactor(0).files(), std::move(files)));
  }

 private:
  static io::Task<void> put(io::FileSystem& disk, Placing files) {
    auto made = co_await disk.make_directories(in_log(""));
    CHECK(made.has_value());
    for (auto& [name, content] : files) {
      auto written = co_await disk.replace_file(std::string(data) + "/" + name, content);
      CHECK(written.has_value());
    }
  }
  io::TaskGroup group_;
};

}  // namespace

std::string in_log(const std::string& name) { return std::string(data) + "/__cluster_metadata-0/" + name; }

TestNode::TestNode(Process& own, const MetaProperties& directory, Witness& seen)
    : witness(seen),
      process(own),
      cores(reactors_of(process)),
      publishers(process.cores()),
      quorum(cores, publisher_list(), options_for(process, directory, seen), Logger(silent_log_sink(), "test")),
      door(cores, process.cores() - 1, quorum),
      lifecycle({process.reactor(0), own_door, quorum, Logger(silent_log_sink(), "test")},
                identity(process, directory, seen), {}),
      ids(process.reactor(process.cores() - 1), door) {}

std::vector<MetadataPublisher*> TestNode::publisher_list() {
  std::vector<MetadataPublisher*> list;
  for (auto& publisher : publishers) list.push_back(&publisher);
  return list;
}

io::Task<bool> TestNode::begin() {
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

io::Task<std::int16_t> TestNode::try_create(std::string name) {
  messages::CreateTopicsRequest request;
  messages::CreateTopicsRequest::CreatableTopic topic;
  topic.name = name;
  topic.num_partitions = 2;
  topic.replication_factor = 1;
  request.topics.push_back(std::move(topic));
  ControllerCaller caller;
  caller.request_bytes = witness.request_bytes;
  auto answer = co_await door.ask<messages::CreateTopicsResponse>(request, std::move(caller));
  const std::int16_t error = answer.topics.at(0).error_code;
  if (error == 0) {
    witness.acknowledged.insert(name);
  } else {
    ++witness.refused;
  }
  co_return error;
}

io::Task<void> TestNode::create(std::string name) {
  auto error = co_await try_create(std::move(name));
  CHECK(error == 0);
}

io::Task<void> TestNode::take_id() {
  auto id = co_await ids.next();
  CHECK(id.has_value());
  if (id.has_value()) CHECK(witness.producer_ids.insert(*id).second);
}

io::Task<void> TestNode::end() {
  witness.clean_epoch = co_await lifecycle.stop();
  co_await quorum.stop();
}

Process& Lab::start(Script script) {
  witness.done = false;
  return machine.start({.name = "node", .cores = cores},
                       [this, script](Process& process) { return std::make_unique<Life>(process, script, witness); });
}

void Lab::live(Script script) {
  Process& process = start(script);
  for (int i = 0; i < 600 && !witness.done && witness.failure.empty(); ++i) world.run_for(Duration::from_ms(100));
  CHECK(witness.failure == "");
  REQUIRE(witness.done);
  machine.kill(process);
  world.run_for(Duration::from_ms(1));
}

void Lab::cut_short(Process& process, Random& random) {
  if (witness.done || random.below(2) == 0) {
    machine.kill(process);
  } else {
    cut_power();
  }
  CHECK(witness.failure == "");
  if (!witness.done) witness.clean_epoch = -1;
}

void Lab::cut_power() {
  machine.power_cut();
  world.run_for(Duration::from_ms(10));
  machine.boot();
}

void place(Lab& lab, Placing files) {
  Process& process = lab.machine.start({}, [&](Process& own) { return std::make_unique<Placer>(own, files); });
  lab.world.run_for(Duration::from_seconds(1));
  lab.machine.kill(process);
  lab.world.run_for(Duration::from_ms(1));
}

Slice fixture(const std::string& name) {
  const auto content = io::paths::read_file(std::string(HIGHWATER_FIXTURES "/apache_metadata_log/") + name, 1 << 20);
  REQUIRE(content.has_value());
  return *content;
}

}  // namespace highwater::engine::lab
