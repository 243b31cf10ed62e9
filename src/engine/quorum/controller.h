// The door of one core to the active controller. Today the controller lives in this process on core 0 and the door is a
// mailbox; requests and answers are the wire's messages, as they would be between processes (rule S4). An answer leaves
// when its records are durable and committed. A door is owned by its core and outlives the requests it forwarded;
// answers that arrive after the door was closed are dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "foundation/base/time.h"
#include "io/future.h"

namespace highwater::io {
class Reactor;
}

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
  // `own` is the reactor of this core, `quorum` lives on core 0 and outlives the door.
  ControllerDoor(io::Reactor& own, Quorum& quorum);
  ~ControllerDoor();
  ControllerDoor(const ControllerDoor&) = delete;
  ControllerDoor& operator=(const ControllerDoor&) = delete;

  // Requests must own their bytes (wire::Text etc. not borrowed from a frame that may go away before the answer).
  io::Future<messages::CreateTopicsResponse> create_topics(messages::CreateTopicsRequest request,
                                                           ControllerCaller caller);
  io::Future<messages::DeleteTopicsResponse> delete_topics(messages::DeleteTopicsRequest request,
                                                           ControllerCaller caller);
  io::Future<messages::BrokerRegistrationResponse> register_broker(messages::BrokerRegistrationRequest request);
  io::Future<messages::BrokerHeartbeatResponse> heartbeat(messages::BrokerHeartbeatRequest request);
  io::Future<messages::AllocateProducerIdsResponse> allocate_producer_ids(messages::AllocateProducerIdsRequest request);

 private:
  struct Mailbox;  // pending answers, on the own core
  std::shared_ptr<Mailbox> mailbox_;
  io::Reactor& own_;
  Quorum& quorum_;
};

}  // namespace highwater::engine
