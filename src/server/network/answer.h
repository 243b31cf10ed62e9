// What leaves a handler: the bytes of one response frame, size and header included, or the reason why there are none.
#pragma once

#include <optional>
#include <vector>

#include "foundation/base/file_part.h"
#include "io/task.h"
#include "server/network/request_context.h"

namespace highwater::server {

struct Answer {
  AnswerKind kind = AnswerKind::send;
  std::vector<Piece> pieces;
  std::string reason;  // of hang_up, for the log
};

// Where an API is served. What controllers may serve by the protocol and what is built for them are two things.
enum class ListenerReach : std::uint8_t { brokers, controllers, both };

// One API that this node serves. The advertised table is made of these and nothing else.
struct Handler {
  api::ApiKey key;
  std::int16_t lowest;
  std::int16_t highest;
  io::Task<Answer> (*serve)(RequestContext& context);
  ListenerReach reach = ListenerReach::brokers;

  bool serves_on(ListenerKind listener) const {
    if (reach == ListenerReach::both) return true;
    return (listener == ListenerKind::broker) == (reach == ListenerReach::brokers);
  }
  bool serves(std::int16_t version) const { return version >= lowest && version <= highest; }
};

}  // namespace highwater::server
