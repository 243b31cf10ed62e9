// A broker's life as the controller sees it: registers with a fresh incarnation, heartbeats, asks to be unfenced when
// the node says that its logs are ready, and leaves through controlled shutdown. Talks only through the ControllerDoor.
// Lives on core 0. Kafka: kafka.server.BrokerLifecycleManager.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "foundation/base/time.h"
#include "foundation/base/uuid.h"
#include "io/task.h"
#include "machines/metadata/image.h"

namespace highwater::io {
class Reactor;
}

namespace highwater::engine {

class ControllerDoor;
class Quorum;

struct BrokerIdentity {
  NodeId id = no_node;
  std::string cluster_id;
  Uuid incarnation;                                // fresh per process
  std::vector<metadata::ListenerImage> listeners;  // advertised
  std::optional<std::string> rack;
  std::vector<Uuid> directories;
  BrokerEpoch previous_epoch = -1;  // from .kafka_cleanshutdown, -1 after an unclean stop
};

struct BrokerTimes {
  Duration heartbeat_interval = Duration::from_ms(2000);      // broker.heartbeat.interval.ms
  Duration registration_timeout = Duration::from_ms(60'000);  // initial.broker.registration.timeout.ms
  Duration shutdown_timeout = Duration::from_ms(300'000);     // controlled shutdown at most
};

class BrokerLifecycle {
 public:
  struct Deps {
    io::Reactor& reactor;
    ControllerDoor& door;
    Quorum& quorum;  // for the minimum applied offset over cores
    Logger log;
  };
  BrokerLifecycle(Deps deps, BrokerIdentity identity, BrokerTimes times);
  ~BrokerLifecycle();

  // Registers; afterwards heartbeats go on by themselves, still asking to stay fenced. The failure ends the start.
  io::Task<Result<BrokerEpoch>> start();
  // The logs are recovered: asks to be unfenced, returns when the controller agreed.
  io::Task<Result<void>> unfence();
  // Controlled shutdown: returns when the controller lets go (or the time is up) with the epoch for
  // .kafka_cleanshutdown. No heartbeat is sent afterwards.
  io::Task<BrokerEpoch> stop();

  // Told with every heartbeat from the next one on.
  void set_offline(std::vector<Uuid> directories);

  BrokerEpoch epoch() const;
  bool fenced() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace highwater::engine
