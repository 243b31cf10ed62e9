#include "server/handlers/topic_creation.h"

#include <utility>

#include "engine/quorum/controller.h"
#include "io/reactor.h"
#include "machines/configs/broker_settings.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "server/network/peer_text.h"

namespace highwater::server {
namespace {

std::string principal_text(const Principal& principal) { return principal.type + ":" + principal.name; }

}  // namespace

TopicCreation::TopicCreation(io::Reactor& reactor, engine::ControllerDoor& controller, Logger log)
    : controller_(controller), log_(std::move(log)), tasks_(reactor.ready()) {}

void TopicCreation::ask_for(const std::vector<std::string>& topics, const RequestContext& context) {
  std::vector<std::string> fresh;
  for (const std::string& topic : topics) {
    if (asked_for_.size() >= asked_for_max) break;
    if (asked_for_.insert(topic).second) fresh.push_back(topic);
  }
  if (fresh.empty()) return;
  const Instant deadline = context.received + context.doors.settings->network.request_timeout;
  tasks_.spawn(create(std::move(fresh), context.peer.principal, std::string(context.client_id()), deadline));
}

io::Task<void> TopicCreation::create(std::vector<std::string> topics, Principal principal, std::string client_id,
                                     Instant deadline) {
  messages::CreateTopicsRequest request;
  for (const std::string& topic : topics) {
    messages::CreateTopicsRequest::CreatableTopic wanted;
    wanted.name = topic;
    wanted.num_partitions = -1;  // the broker's num.partitions and default.replication.factor
    wanted.replication_factor = -1;
    request.topics.push_back(std::move(wanted));
  }
  engine::ControllerCaller caller{principal_text(principal), std::move(client_id), deadline};
  const messages::CreateTopicsResponse response =
      co_await controller_.create_topics(std::move(request), std::move(caller));
  for (const std::string& topic : topics) asked_for_.erase(topic);
  for (const auto& result : response.topics) {
    const api::ErrorCode error = api::error_from_wire(result.error_code);
    if (error == api::ErrorCode::none || error == api::ErrorCode::topic_already_exists) continue;
    log_.warn("topic {} was asked for and could not be created: {}", shown(result.name.view()), api::error_name(error));
  }
}

}  // namespace highwater::server
