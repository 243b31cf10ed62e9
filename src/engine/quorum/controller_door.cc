#include "engine/quorum/controller_door.h"

#include <utility>

#include "engine/quorum/describe_quorum.h"
#include "engine/quorum/quorum_core.h"
#include "machines/controller/refusals.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/assign_replicas_to_dirs_request.h"
#include "protocol/messages/assign_replicas_to_dirs_response.h"
#include "protocol/messages/broker_heartbeat_request.h"
#include "protocol/messages/broker_heartbeat_response.h"
#include "protocol/messages/broker_registration_request.h"
#include "protocol/messages/broker_registration_response.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"

namespace highwater::engine {

namespace {

using namespace messages;
using api::ErrorCode;

auto decide(QuorumCore& core, const CreateTopicsRequest& request) {
  return core.controller().create_topics(request, core.random());
}
auto decide(QuorumCore& core, const DeleteTopicsRequest& request) { return core.controller().delete_topics(request); }
auto decide(QuorumCore& core, const BrokerRegistrationRequest& request) {
  return core.controller().register_broker(request, core.moment());
}
auto decide(QuorumCore& core, const BrokerHeartbeatRequest& request) {
  return core.controller().heartbeat(request, core.moment());
}
auto decide(QuorumCore& core, const AllocateProducerIdsRequest& request) {
  return core.controller().allocate_producer_ids(request);
}
auto decide(QuorumCore& core, const AlterClientQuotasRequest& request) {
  return core.controller().alter_client_quotas(request);
}
auto decide(QuorumCore& core, const AlterPartitionReassignmentsRequest& request) {
  return core.controller().alter_reassignments(request);
}
auto decide(QuorumCore& core, const AlterUserScramCredentialsRequest& request) {
  return core.controller().alter_scram_credentials(request);
}
auto decide(QuorumCore& core, const AssignReplicasToDirsRequest& request) {
  return core.controller().assign_replicas_to_dirs(request);
}
auto decide(QuorumCore& core, const CreatePartitionsRequest& request) {
  return core.controller().create_partitions(request, core.random());
}
auto decide(QuorumCore& core, const ElectLeadersRequest& request) { return core.controller().elect_leaders(request); }
auto decide(QuorumCore& core, const ListPartitionReassignmentsRequest& request) {
  return core.controller().list_reassignments(request);
}
auto decide(QuorumCore& core, const UnregisterBrokerRequest& request) {
  return core.controller().unregister_broker(request);
}
auto decide(QuorumCore& core, const UpdateFeaturesRequest& request) {
  return core.controller().update_features(request, core.raft()->kraft_version());
}
controller::Decision<DescribeQuorumResponse> decide(QuorumCore& core, const DescribeQuorumRequest& request) {
  return {{}, describe_quorum(request, core.leadership())};
}

auto decide(QuorumCore& core, const AlterConfigsRequest& request) { return core.controller().alter_configs(request); }
auto decide(QuorumCore& core, const IncrementalAlterConfigsRequest& request) {
  return core.controller().alter_configs(request);
}

template <class Request, class Response>
class Answer final : public ProposalEnd {
 public:
  Answer(Request request, Response response, Reply<Response> reply)
      : request_(std::move(request)), response_(std::move(response)), reply_(std::move(reply)) {}
  void ended(Outcome outcome) override {
    switch (outcome) {
      case Outcome::committed:
        break;
      case Outcome::failed:
        response_ = controller::refused<Response>(request_, {ErrorCode::not_controller, std::nullopt});
        break;
      case Outcome::too_large:
        response_ = controller::refused<Response>(request_, {ErrorCode::record_list_too_large, std::nullopt});
        break;
    }
    reply_.complete(std::move(response_));
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
  if (!core.active() || now >= deadline) {
    const ErrorCode error = core.active() ? ErrorCode::request_timed_out : ErrorCode::not_controller;
    reply.complete(controller::refused<Response>(request, {error, std::nullopt}));
    return;
  }
  auto decision = decide(core, request);
  auto end =
      std::make_unique<Answer<Request, Response>>(std::move(request), std::move(decision.answer), std::move(reply));
  core.propose(std::move(decision.records), decision.atomicity, std::move(end));
}

}  // namespace

template <class Response, class Request>
io::Future<Response> ControllerDoor::ask(const Request& request, ControllerCaller caller) {
  Request kept = request;
  own(kept);
  return cores_.call<Response>(
      own_, 0,
      [core = quorum_.core_.get(), kept = std::move(kept), deadline = caller.deadline](Reply<Response> reply) mutable {
        answer(*core, std::move(kept), deadline, std::move(reply));
      });
}

// Everything that the controller decides.
template io::Future<AlterConfigsResponse> ControllerDoor::ask(const AlterConfigsRequest&, ControllerCaller);
template io::Future<AllocateProducerIdsResponse> ControllerDoor::ask(const AllocateProducerIdsRequest&,
                                                                     ControllerCaller);
template io::Future<AlterClientQuotasResponse> ControllerDoor::ask(const AlterClientQuotasRequest&, ControllerCaller);
template io::Future<AlterPartitionReassignmentsResponse> ControllerDoor::ask(const AlterPartitionReassignmentsRequest&,
                                                                             ControllerCaller);
template io::Future<AlterUserScramCredentialsResponse> ControllerDoor::ask(const AlterUserScramCredentialsRequest&,
                                                                           ControllerCaller);
template io::Future<AssignReplicasToDirsResponse> ControllerDoor::ask(const AssignReplicasToDirsRequest&,
                                                                      ControllerCaller);
template io::Future<BrokerHeartbeatResponse> ControllerDoor::ask(const BrokerHeartbeatRequest&, ControllerCaller);
template io::Future<BrokerRegistrationResponse> ControllerDoor::ask(const BrokerRegistrationRequest&, ControllerCaller);
template io::Future<CreatePartitionsResponse> ControllerDoor::ask(const CreatePartitionsRequest&, ControllerCaller);
template io::Future<CreateTopicsResponse> ControllerDoor::ask(const CreateTopicsRequest&, ControllerCaller);
template io::Future<DeleteTopicsResponse> ControllerDoor::ask(const DeleteTopicsRequest&, ControllerCaller);
template io::Future<DescribeQuorumResponse> ControllerDoor::ask(const DescribeQuorumRequest&, ControllerCaller);
template io::Future<ElectLeadersResponse> ControllerDoor::ask(const ElectLeadersRequest&, ControllerCaller);
template io::Future<ListPartitionReassignmentsResponse> ControllerDoor::ask(const ListPartitionReassignmentsRequest&,
                                                                            ControllerCaller);
template io::Future<UnregisterBrokerResponse> ControllerDoor::ask(const UnregisterBrokerRequest&, ControllerCaller);
template io::Future<UpdateFeaturesResponse> ControllerDoor::ask(const UpdateFeaturesRequest&, ControllerCaller);
template io::Future<IncrementalAlterConfigsResponse> ControllerDoor::ask(const IncrementalAlterConfigsRequest&,
                                                                         ControllerCaller);

}  // namespace highwater::engine
