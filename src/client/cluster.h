// What a client knows of a cluster: brokers, topics, leaders, and one open channel per broker. Shared by the producers,
// consumers and admin calls of one client; all on one reactor, which it must not outlive. Nothing is retried here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/errors.h"
#include "foundation/base/ids.h"
#include "io/reactor.h"
#include "link/channel.h"

namespace highwater::client {

struct ClusterOptions {
  std::vector<io::Address> bootstrap;
  link::ChannelOptions channel;
  enum class Creation : std::uint8_t { allowed, forbidden } auto_create = Creation::allowed;
};

struct PartitionLeader {
  NodeId node = no_node;  // no_node: nobody leads it now
  Epoch epoch = no_epoch;
};

struct TopicFacts {
  api::ErrorCode error = api::ErrorCode::none;
  Uuid id;
  std::vector<PartitionLeader> partitions;  // by index
};

class Cluster {
 public:
  Cluster(io::Reactor& reactor, ClusterOptions options);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  io::Reactor& reactor() { return *reactor_; }
  const ClusterOptions& options() const { return options_; }
  const std::map<NodeId, io::Address>& brokers() const { return brokers_; }
  NodeId controller() const { return controller_; }
  const std::string& cluster_id() const { return cluster_id_; }

  // What the last refresh said about a topic; null when it was never asked for. A topic that was said not to exist has
  // its error.
  const TopicFacts* topic(const std::string& name) const;
  std::optional<PartitionLeader> leader(const std::string& topic, std::int32_t partition) const;
  void forget_topic(const std::string& name) { topics_.erase(name); }

  // Asks any broker for the brokers and these topics (none: only brokers).
  io::Task<ClientResult<void>> refresh(std::vector<std::string> topics);
  // The open channel to a broker; dials when there is none.
  io::Task<ClientResult<std::shared_ptr<link::Channel>>> channel(NodeId node);
  // To any broker: one that is connected, else the known brokers, else the bootstrap list, in turn.
  io::Task<ClientResult<std::shared_ptr<link::Channel>>> any_channel();
  // Closes every connection.
  void disconnect();

 private:
  using Dialled = ClientResult<std::shared_ptr<link::Channel>>;
  io::Task<Dialled> dial(io::Address address);

  io::Reactor* reactor_;
  ClusterOptions options_;
  std::map<NodeId, io::Address> brokers_;
  NodeId controller_ = no_node;
  std::string cluster_id_;
  std::map<std::string, TopicFacts> topics_;
  std::map<std::string, std::shared_ptr<link::Channel>> channels_;  // by "host:port"
  std::size_t next_candidate_ = 0;
};

}  // namespace highwater::client
