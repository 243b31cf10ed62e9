// What one core of a broker consists of: its view of the metadata, its partitions, its doors, its listeners. Made, used
// and destroyed on its own core; the node builds it step by step, in the order of the methods. Handlers of that core
// reach everything through `Doors`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/partition/partition_host.h"
#include "engine/partition/partitions.h"
#include "engine/quorum/controller_door.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/quorum/producer_ids.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "io/task.h"
#include "machines/configs/broker_settings.h"
#include "node/connection_feed.h"
#include "node/partition_feed.h"
#include "node/settings_watch.h"
#include "server/handlers/fetch_sessions.h"
#include "server/handlers/topic_creation.h"
#include "server/network/server.h"

namespace highwater {
class LogLevels;
}
namespace highwater::engine {
class Quorum;
}

namespace highwater::node {

// What the rooms of a core need from outside; all of it outlives them.
struct CoreDeps {
  engine::Cores& cores;
  engine::CoreIndex self;
  const configs::BrokerSettings& settings;
  const server::HandlerTable& handlers;
  engine::Directories& directories;
  ConnectionFeed& connections;
  server::ConnectionExchange& exchange;
  std::size_t log_files;  // open at a time
  LogLevels& log_levels;
  Logger log;  // its name and context are replaced by those of the rooms
};

class CoreRooms {
 public:
  explicit CoreRooms(CoreDeps deps);

  engine::MetadataPublisher& publisher() { return publisher_; }
  engine::PartitionHost& host() { return host_; }
  engine::ControllerDoor& controller() { return *controller_; }

  // The quorum runs and the metadata is here: the doors open. `hosts` by core.
  void open_doors(engine::Quorum& quorum, std::vector<engine::PartitionHost*> hosts, std::string cluster_id);
  // Binds; `addresses` in the order of settings.listeners.
  Result<void> listen(const std::vector<io::Address>& addresses);
  const std::vector<server::Server::Bound>& bound() const { return server_->bound(); }
  // `found` is what this core owns of the directories. Carries out what the metadata says and follows it from then on;
  // ready when the partitions of now are there, recovered.
  io::Task<void> load(std::vector<engine::FoundLog> found);
  void serve(engine::ProducerIdOwner owner);

  io::Task<void> stop_serving();
  io::Task<void> stop_partitions();

 private:
  CoreDeps deps_;
  io::Reactor& reactor_;
  engine::MetadataPublisher publisher_;
  engine::PartitionHost host_;
  std::optional<engine::Partitions> partitions_;
  std::optional<engine::ControllerDoor> controller_;
  std::optional<engine::ProducerIds> producer_ids_;
  std::optional<server::FetchSessions> fetch_sessions_;
  std::optional<server::TopicCreation> topic_creation_;
  std::optional<PartitionFeed> feed_;
  std::optional<SettingsWatch> watch_;  // on core 0
  server::Doors doors_;
  std::optional<server::Server> server_;  // last: its connections use all of the above
};

}  // namespace highwater::node
