// The door of one core to the active controller. Today the controller lives in this process on core 0 and the door is a
// mailbox; requests and answers are the wire's messages, as they would be between processes (rule S4). An answer leaves
// when its records are durable and committed. One door per core.
#pragma once

#include <string>

#include "engine/routing/cores.h"
#include "foundation/base/time.h"
#include "io/future.h"

namespace highwater::messages {
struct AllocateProducerIdsRequest;
struct AllocateProducerIdsResponse;
struct BrokerHeartbeatRequest;
struct BrokerHeartbeatResponse;
struct BrokerRegistrationRequest;
struct BrokerRegistrationResponse;
struct CreateTopicsRequest;
struct CreateTopicsResponse;
struct DeleteTopicsRequest;
struct DeleteTopicsResponse;
}  // namespace highwater::messages

namespace highwater::engine {

class Quorum;

struct ControllerCaller {
  std::string principal;
  std::string client_id;
  Instant deadline = Instant::never();  // past it the answer is REQUEST_TIMED_OUT; the deed may still happen
};

class ControllerDoor {
 public:
  // `own` is the core that uses the door; `quorum` lives on core 0. Both outlive the door.
  ControllerDoor(Cores& cores, CoreIndex own, Quorum& quorum) : cores_(cores), own_(own), quorum_(quorum) {}

  // Requests must own their bytes (wire::Text etc. not borrowed from a frame that may go away before the answer).
  io::Future<messages::CreateTopicsResponse> create_topics(messages::CreateTopicsRequest request,
                                                           ControllerCaller caller);
  io::Future<messages::DeleteTopicsResponse> delete_topics(messages::DeleteTopicsRequest request,
                                                           ControllerCaller caller);
  io::Future<messages::BrokerRegistrationResponse> register_broker(messages::BrokerRegistrationRequest request);
  io::Future<messages::BrokerHeartbeatResponse> heartbeat(messages::BrokerHeartbeatRequest request);
  io::Future<messages::AllocateProducerIdsResponse> allocate_producer_ids(messages::AllocateProducerIdsRequest request);

 private:
  Cores& cores_;
  CoreIndex own_;
  Quorum& quorum_;
};

}  // namespace highwater::engine
