// What leaves a handler: the bytes of one response frame, size and header included, or the reason why there are none.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "foundation/base/file_part.h"
#include "foundation/wire/writer.h"
#include "io/task.h"
#include "server/network/request_context.h"

namespace highwater::server {

struct Answer {
  AnswerKind kind = AnswerKind::send;
  std::vector<Piece> pieces;
  std::string reason;  // of hang_up, for the log
};

// Who began a direct request and waits for it.
class DirectOwner {
 public:
  virtual ~DirectOwner() = default;
  virtual void direct_done(std::size_t slot) = 0;
};

// A request that is answered without a coroutine, for what is asked a hundred thousand times a second: an object that
// holds all of it, and writes its answer into the connection's own buffer when the turn of that answer has come.
// Destroying it gives the request up.
class DirectRequest {
 public:
  virtual ~DirectRequest() = default;
  // Ends, at once or later, with one direct_done(). The frame of the request is given back by then, or soon after.
  virtual void begin() = 0;
  // Once, when it is done. What is to be sent is written to `out`; the answer says the rest.
  virtual Answer answer(wire::Writer& out) = 0;
};

// Where a request stands in the line of its connection.
struct DirectSlot {
  DirectOwner& owner;
  std::size_t number;
};

// Where an API is served. What controllers may serve by the protocol and what is built for them are two things.
enum class ListenerReach : std::uint8_t { brokers, controllers, both };

// Whether ApiVersions tells of an API.
enum class Notice : std::uint8_t { advertised, quiet };

// One API that this node serves. ApiVersions advertises those that are not quiet, and nothing else.
struct Handler {
  api::ApiKey key;
  std::int16_t lowest;
  std::int16_t highest;
  io::Task<Answer> (*serve)(RequestContext& context);
  ListenerReach reach = ListenerReach::brokers;
  std::unique_ptr<DirectRequest> (*direct)(RequestContext&& context, DirectSlot slot) = nullptr;  // instead of serve
  Notice notice = Notice::advertised;

  bool serves_on(ListenerKind listener) const {
    if (reach == ListenerReach::both) return true;
    return (listener == ListenerKind::broker) == (reach == ListenerReach::brokers);
  }
  bool advertised_on(ListenerKind listener) const { return notice == Notice::advertised && serves_on(listener); }
  bool serves(std::int16_t version) const { return version >= lowest && version <= highest; }
};

}  // namespace highwater::server
