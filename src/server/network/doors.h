// What the handlers of one core may reach. Filled by the node, valid as long as the server of that core. A listener of
// controllers alone leaves out what only brokers have; its handlers do not ask for it.
#pragma once

#include <string>

#include "server/network/access.h"
#include "server/network/quota.h"

namespace highwater {
class LogLevels;
}
namespace highwater::configs {
struct BrokerSettings;
}
namespace highwater::engine {
class ControllerDoor;
class MetadataPublisher;
class Partitions;
class ProducerIds;
}  // namespace highwater::engine
namespace highwater::io {
class Reactor;
}

namespace highwater::server {

class BelongingsKeeper;
class FetchSessions;
class TopicCreation;

struct Doors {
  io::Reactor* reactor = nullptr;
  const configs::BrokerSettings* settings = nullptr;
  std::string cluster_id;
  engine::MetadataPublisher* metadata = nullptr;
  engine::Partitions* partitions = nullptr;  // null on a node that is no broker
  engine::ControllerDoor* controller = nullptr;
  engine::ProducerIds* producer_ids = nullptr;
  FetchSessions* fetch_sessions = nullptr;
  BelongingsKeeper* belongings = nullptr;  // null: nothing is kept for peers
  TopicCreation* topic_creation = nullptr;
  LogLevels* log_levels = nullptr;
  Access access;
  Quotas quotas;
};

}  // namespace highwater::server
