// For the tests of this room: one node's quorum, broker lifecycle and doors on a real reactor and a real folder.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/quorum/broker_lifecycle.h"
#include "engine/quorum/controller.h"
#include "engine/quorum/format.h"
#include "engine/quorum/meta_properties.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/quorum/producer_ids.h"
#include "engine/quorum/quorum.h"
#include "engine/routing/cores.h"
#include "io/linux/test_support.h"

namespace highwater::engine {

class Folder {
 public:
  std::string path() const { return folder_ / "data"; }
  std::string read(const std::string& name) const {
    const auto content = io::paths::read_file(path() + "/" + name, 64u << 20);
    REQUIRE(content);
    return std::string(as_text(content->view()));
  }

 private:
  io::TemporaryFolder folder_;
};

enum class Formatting : std::uint8_t { none, standalone, static_voters, none_static };

inline FormatOptions standalone_format(const std::string& folder) {
  FormatOptions options;
  options.cluster_id = "AAAAAAAAAAAAAAAAAAAABQ";
  options.node_id = 1;
  options.directories = {folder};
  options.metadata_directory = folder;
  options.standalone_voter = VoterEndpoint{"CONTROLLER", "127.0.0.1", 9093};
  return options;
}

struct TestNode {
  TestNode(io::Reactor& reactor, const LogDirectory& directory, Formatting formatting)
      : cores({&reactor}),
        quorum(cores, {&publisher}, quorum_options(reactor, directory, formatting), Logger(silent_log_sink(), "test")),
        door(cores, 0, quorum),
        lifecycle({reactor, door, quorum, Logger(silent_log_sink(), "test")}, identity(reactor, directory), {}),
        ids(reactor, door) {}

  static QuorumOptions quorum_options(io::Reactor& reactor, const LogDirectory& directory, Formatting formatting) {
    QuorumOptions options;
    options.metadata_directory = directory.path;
    options.directory_id = *directory.properties.directory_id;
    options.incarnation = Uuid::from_halves(reactor.random().next(), reactor.random().next());
    options.static_voters = formatting == Formatting::static_voters || formatting == Formatting::none_static;
    options.controller_listeners = {{"CONTROLLER", "127.0.0.1", 9093, 0}};
    options.controller.node = 1;
    options.controller.cluster_id = *directory.properties.cluster_id;
    return options;
  }
  static BrokerIdentity identity(io::Reactor& reactor, const LogDirectory& directory) {
    BrokerIdentity identity;
    identity.id = 1;
    identity.cluster_id = *directory.properties.cluster_id;
    identity.incarnation = Uuid::from_halves(reactor.random().next(), reactor.random().next());
    identity.listeners = {{"PLAINTEXT", "127.0.0.1", 9092, 0}};
    identity.directories = {*directory.properties.directory_id};
    // The tests stop cleanly or not at all: what a stop would have left in .kafka_cleanshutdown.
    identity.previous_epoch = last_clean_epoch;
    return identity;
  }

  io::Task<void> begin() {
    auto started = co_await quorum.start();
    if (!started.has_value()) MESSAGE(started.error().text);
    REQUIRE(started.has_value());
    auto registered = co_await lifecycle.start();
    REQUIRE(registered.has_value());
    auto unfenced = co_await lifecycle.unfence();
    REQUIRE(unfenced.has_value());
  }
  io::Task<void> end() {
    last_clean_epoch = co_await lifecycle.stop();
    co_await quorum.stop();
  }

  inline static BrokerEpoch last_clean_epoch = -1;

  Cores cores;
  MetadataPublisher publisher;
  Quorum quorum;
  ControllerDoor door;
  BrokerLifecycle lifecycle;
  ProducerIds ids;
};

template <class Make>
void run_alone(Make make) {
  const auto reactor = io::make_reactor();
  io::TaskGroup tasks(reactor->ready());
  tasks.spawn(make(*reactor));
  io::finish(*reactor, tasks);
}

inline io::Task<void> format_for(io::Reactor& reactor, std::string folder, Formatting formatting) {
  auto options = standalone_format(folder);
  if (formatting == Formatting::static_voters) options.standalone_voter.reset();
  auto formatted = co_await format_directories(reactor, std::move(options));
  REQUIRE(formatted.has_value());
}

inline io::Task<void> read_into(io::Reactor& reactor, std::string folder, std::vector<LogDirectory>& found) {
  std::vector<std::string> paths(1, std::move(folder));
  found = co_await read_log_directories(reactor.files(), std::move(paths));
}

// One life of the node from start to the end of `life`; a life that does not end itself ends as by kill -9.
inline void run_life(const Folder& folder, Formatting formatting, io::Task<void> (*life)(TestNode&)) {
  if (formatting == Formatting::standalone || formatting == Formatting::static_voters) {
    TestNode::last_clean_epoch = -1;
    run_alone([&](io::Reactor& reactor) { return format_for(reactor, folder.path(), formatting); });
  }
  std::vector<LogDirectory> found;
  run_alone([&](io::Reactor& reactor) { return read_into(reactor, folder.path(), found); });
  const auto identity = check_identity(found, 1);
  REQUIRE(identity.has_value());
  const auto reactor = io::make_reactor();
  TestNode node(*reactor, found.at(0), formatting);
  io::TaskGroup tasks(reactor->ready());
  tasks.spawn(life(node));
  io::finish(*reactor, tasks);
}

}  // namespace highwater::engine
