#include "engine/quorum/controller_door.h"

#include <utility>

#include "engine/quorum/quorum_core.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "protocol/messages/broker_heartbeat_request.h"
#include "protocol/messages/broker_heartbeat_response.h"
#include "protocol/messages/broker_registration_request.h"
#include "protocol/messages/broker_registration_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace highwater::engine {

namespace {

using api::ErrorCode;

// What a request is told when nothing was decided, or nobody knows whether it will stand.
messages::CreateTopicsResponse refusal(const messages::CreateTopicsRequest& request, ErrorCode error) {
  messages::CreateTopicsResponse response;
  for (const auto& topic : request.topics) {
    messages::CreateTopicsResponse::CreatableTopicResult result;
    result.name = topic.name.owned();
    result.error_code = api::wire_code(error);
    result.error_message = api::error_text(error);
    response.topics.push_back(std::move(result));
  }
  return response;
}

messages::DeleteTopicsResponse refusal(const messages::DeleteTopicsRequest& request, ErrorCode error) {
  messages::DeleteTopicsResponse response;
  const auto add = [&](std::optional<wire::Text> name, const Uuid& id) {
    messages::DeleteTopicsResponse::DeletableTopicResult result;
    result.name = std::move(name);
    result.topic_id = id;
    result.error_code = api::wire_code(error);
    result.error_message = api::error_text(error);
    response.responses.push_back(std::move(result));
  };
  for (const auto& name : request.topic_names) add(name.owned(), {});
  for (const auto& topic : request.topics) {
    add(topic.name.has_value() ? std::optional(topic.name->owned()) : std::nullopt, topic.topic_id);
  }
  return response;
}

messages::BrokerRegistrationResponse refusal(const messages::BrokerRegistrationRequest&, ErrorCode error) {
  messages::BrokerRegistrationResponse response;
  response.error_code = api::wire_code(error);
  response.broker_epoch = -1;
  return response;
}

messages::BrokerHeartbeatResponse refusal(const messages::BrokerHeartbeatRequest&, ErrorCode error) {
  messages::BrokerHeartbeatResponse response;
  response.error_code = api::wire_code(error);
  return response;
}

messages::AllocateProducerIdsResponse refusal(const messages::AllocateProducerIdsRequest&, ErrorCode error) {
  messages::AllocateProducerIdsResponse response;
  response.error_code = api::wire_code(error);
  return response;
}

controller::Decision<messages::CreateTopicsResponse> decide(QuorumCore& core,
                                                            const messages::CreateTopicsRequest& request) {
  return core.controller().create_topics(request, core.random());
}
controller::Decision<messages::DeleteTopicsResponse> decide(QuorumCore& core,
                                                            const messages::DeleteTopicsRequest& request) {
  return core.controller().delete_topics(request);
}
controller::Decision<messages::BrokerRegistrationResponse> decide(QuorumCore& core,
                                                                  const messages::BrokerRegistrationRequest& request) {
  return core.controller().register_broker(request, core.moment());
}
controller::Decision<messages::BrokerHeartbeatResponse> decide(QuorumCore& core,
                                                               const messages::BrokerHeartbeatRequest& request) {
  return core.controller().heartbeat(request, core.moment());
}
controller::Decision<messages::AllocateProducerIdsResponse> decide(
    QuorumCore& core, const messages::AllocateProducerIdsRequest& request) {
  return core.controller().allocate_producer_ids(request);
}

template <class Request, class Response>
class Answer final : public ProposalEnd {
 public:
  Answer(Request request, Response response, Reply<Response> reply)
      : request_(std::move(request)), response_(std::move(response)), reply_(std::move(reply)) {}
  void ended(Outcome outcome) override {
    reply_.complete(outcome == Outcome::committed ? std::move(response_)
                                                  : refusal(request_, ErrorCode::not_controller));
  }

 private:
  Request request_;
  Response response_;
  Reply<Response> reply_;
};

// On core 0.
template <class Request, class Response>
void answer(QuorumCore& core, Request request, Instant deadline, Reply<Response> reply) {
  const Instant now = core.moment().now;
  if (!core.active() || now > deadline) {
    reply.complete(refusal(request, core.active() ? ErrorCode::request_timed_out : ErrorCode::not_controller));
    return;
  }
  auto decision = decide(core, request);
  auto end =
      std::make_unique<Answer<Request, Response>>(std::move(request), std::move(decision.answer), std::move(reply));
  core.propose(std::move(decision.records), decision.atomicity, std::move(end));
}

template <class Response, class Request>
io::Future<Response> forward(Cores& cores, CoreIndex own, QuorumCore& core, Request request, Instant deadline) {
  return cores.call<Response>(own, 0, [&core, request = std::move(request), deadline](Reply<Response> reply) mutable {
    answer(core, std::move(request), deadline, std::move(reply));
  });
}

}  // namespace

io::Future<messages::CreateTopicsResponse> ControllerDoor::create_topics(messages::CreateTopicsRequest request,
                                                                         ControllerCaller caller) {
  return forward<messages::CreateTopicsResponse>(cores_, own_, *quorum_.core_, std::move(request), caller.deadline);
}

io::Future<messages::DeleteTopicsResponse> ControllerDoor::delete_topics(messages::DeleteTopicsRequest request,
                                                                         ControllerCaller caller) {
  return forward<messages::DeleteTopicsResponse>(cores_, own_, *quorum_.core_, std::move(request), caller.deadline);
}

io::Future<messages::BrokerRegistrationResponse> ControllerDoor::register_broker(
    messages::BrokerRegistrationRequest request) {
  return forward<messages::BrokerRegistrationResponse>(cores_, own_, *quorum_.core_, std::move(request),
                                                       Instant::never());
}

io::Future<messages::BrokerHeartbeatResponse> ControllerDoor::heartbeat(messages::BrokerHeartbeatRequest request) {
  return forward<messages::BrokerHeartbeatResponse>(cores_, own_, *quorum_.core_, std::move(request), Instant::never());
}

io::Future<messages::AllocateProducerIdsResponse> ControllerDoor::allocate_producer_ids(
    messages::AllocateProducerIdsRequest request) {
  return forward<messages::AllocateProducerIdsResponse>(cores_, own_, *quorum_.core_, std::move(request),
                                                        Instant::never());
}

}  // namespace highwater::engine
