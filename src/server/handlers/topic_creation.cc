#include "server/handlers/topic_creation.h"

#include <utility>

#include "engine/partition/partitions.h"
#include "engine/quorum/controller_door.h"
#include "io/reactor.h"
#include "machines/controller/limits.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "server/handlers/wanted_topic.h"
#include "server/network/peer_text.h"

namespace highwater::server {
namespace {

std::string principal_text(const Principal& principal) { return principal.type + ":" + principal.name; }

}  // namespace

TopicCreation::TopicCreation(Deps deps)
    : reactor_(deps.reactor),
      settings_(deps.settings),
      controller_(deps.controller),
      partitions_(deps.partitions),
      log_(std::move(deps.log)),
      tasks_(deps.reactor.ready()) {}

io::Future<io::Done> TopicCreation::ask_for(const std::vector<std::string>& topics, const RequestContext& context) {
  std::vector<std::string> fresh;
  for (const std::string& topic : topics) {
    if (asked_for_.size() >= asked_for_max) break;
    if (asked_for_.insert(topic).second) fresh.push_back(topic);
  }
  if (fresh.empty()) return io::Future<io::Done>::ready({});
  const Instant deadline = context.received + context.doors.settings->network.request_timeout;
  auto [promise, future] = reactor_.make_future<io::Done>();
  const std::uint64_t waiter = ++last_waiter_;
  waiters_.emplace(waiter, std::move(promise));
  tasks_.spawn(give_up(waiter));
  tasks_.spawn(create_and_tell(
      waiter, create(std::move(fresh), context.peer.principal, std::string(context.client_id()), deadline)));
  return std::move(future);
}

void TopicCreation::tell(std::uint64_t waiter) {
  const auto found = waiters_.find(waiter);
  if (found == waiters_.end()) return;
  found->second.complete({});
  waiters_.erase(found);
}

io::Task<void> TopicCreation::give_up(std::uint64_t waiter) {
  co_await reactor_.sleep_until(reactor_.now() + wait_max);
  tell(waiter);
}

io::Task<void> TopicCreation::create_and_tell(std::uint64_t waiter, io::Task<void> creation) {
  co_await std::move(creation);
  co_await partitions_.settled();
  tell(waiter);
}

io::Task<void> TopicCreation::create(std::vector<std::string> topics, Principal principal, std::string client_id,
                                     Instant deadline) {
  messages::CreateTopicsRequest request;
  for (const std::string& topic : topics) request.topics.push_back(wanted_topic(topic, settings_.state_topics));
  const std::size_t about_bytes = topics.size() * controller::topic_name_length_max;
  engine::ControllerCaller caller{principal_text(principal), std::move(client_id), deadline, about_bytes};
  const messages::CreateTopicsResponse response =
      co_await controller_.ask<messages::CreateTopicsResponse>(request, std::move(caller));
  for (const std::string& topic : topics) asked_for_.erase(topic);
  for (const auto& result : response.topics) {
    const api::ErrorCode error = api::error_from_wire(result.error_code);
    if (error == api::ErrorCode::none || error == api::ErrorCode::topic_already_exists) continue;
    log_.warn("Auto topic creation failed for {} with error '{}': {}", shown(result.name.view()),
              api::error_name(error), result.error_message ? result.error_message->view() : std::string_view());
  }
}

}  // namespace highwater::server
