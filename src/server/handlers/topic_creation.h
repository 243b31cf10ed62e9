// Creates topics that clients asked for and that do not exist yet. The client is not kept waiting: it is told that the
// topic is unknown and asks again, as with Kafka (AutoTopicCreationManager). One per core; bounded: what does not fit
// is asked for again by the client's next request.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/log.h"
#include "io/task.h"
#include "server/network/request_context.h"

namespace highwater::server {

class TopicCreation {
 public:
  static constexpr std::size_t asked_for_max = 1000;

  TopicCreation(io::Reactor& reactor, engine::ControllerDoor& controller, Logger log);

  // Asks the controller for those of `topics` that are not asked for already. Names must be valid.
  void ask_for(const std::vector<std::string>& topics, const RequestContext& context);
  std::size_t asked_for() const { return asked_for_.size(); }

 private:
  io::Task<void> create(std::vector<std::string> topics, Principal principal, std::string client_id, Instant deadline);

  engine::ControllerDoor& controller_;
  Logger log_;
  std::set<std::string, std::less<>> asked_for_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::server
