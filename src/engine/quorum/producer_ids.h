// Producer ids for one core, taken from the controller in blocks of 1000; the next block is asked for before the last
// one is used up (Kafka: RPCProducerIdManager). Ids are never given twice, whatever crashes.
#pragma once

#include <cstdint>
#include <memory>

#include "foundation/base/ids.h"
#include "foundation/base/result.h"
#include "io/future.h"

namespace highwater::api {
enum class ErrorCode : std::int16_t;
}
namespace highwater::io {
class Reactor;
}

namespace highwater::engine {

class ControllerDoor;

struct ProducerIdOwner {
  NodeId broker = no_node;
  BrokerEpoch epoch = -1;
};

class ProducerIds {
 public:
  ProducerIds(io::Reactor& own, ControllerDoor& door);
  ~ProducerIds();
  ProducerIds(const ProducerIds&) = delete;
  ProducerIds& operator=(const ProducerIds&) = delete;

  // After registration and after each new one; next() before that answers COORDINATOR_LOAD_IN_PROGRESS.
  void set_owner(ProducerIdOwner owner);
  io::Future<Result<ProducerId, api::ErrorCode>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace highwater::engine
