// The door of one core to the active controller. The controller lives in this process on core 0 and the door is a
// mailbox; requests and answers are the wire's messages, as they would be between processes (rule S4). An answer leaves
// when its records are durable and committed. One door per core.
//
// A new request costs two lines in controller_door.cc: decide() and the list of instances; one touches_much() there
// when it is long however few bytes it has; and one refuse() in machines/controller/refusals.h when its answer has no
// error code on top.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "engine/routing/cores.h"
#include "foundation/base/time.h"
#include "io/future.h"
#include "protocol/messages/fwd.h"

namespace highwater::engine {

class Quorum;

struct ControllerCaller {
  std::string principal;
  std::string client_id;
  Instant deadline = Instant::never();  // from then on nothing is begun: REQUEST_TIMED_OUT
  std::size_t request_bytes = 0;        // about; a long request is decided off the loop
};

class ControllerDoor {
 public:
  // `own` is the core that uses the door; `quorum` lives on core 0. Both outlive the door.
  ControllerDoor(Cores& cores, CoreIndex own, Quorum& quorum) : cores_(cores), own_(own), quorum_(quorum) {}

  // `request` holds what it borrows from.
  template <class Response, class Request>
  io::Future<Response> ask(std::shared_ptr<const Request> request, ControllerCaller caller);
  // Of a copy: the request may borrow from a frame that is gone before the answer comes.
  template <class Response, class Request>
  io::Future<Response> ask(const Request& request, ControllerCaller caller) {
    auto kept = std::make_shared<Request>(request);
    own(*kept);
    return ask<Response>(std::shared_ptr<const Request>(std::move(kept)), std::move(caller));
  }

 private:
  Cores& cores_;
  CoreIndex own_;
  Quorum& quorum_;
};

}  // namespace highwater::engine
