#include "engine/quorum/controller_door.h"

#include <algorithm>
#include <cstdint>
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

auto decide(controller::Controller& controller, const CreateTopicsRequest& request, Situation& now) {
  return controller.create_topics(request, now.random);
}
auto decide(controller::Controller& controller, const DeleteTopicsRequest& request, Situation&) {
  return controller.delete_topics(request);
}
auto decide(controller::Controller& controller, const BrokerRegistrationRequest& request, Situation& now) {
  return controller.register_broker(request, now.moment);
}
auto decide(controller::Controller& controller, const BrokerHeartbeatRequest& request, Situation& now) {
  return controller.heartbeat(request, now.moment);
}
auto decide(controller::Controller& controller, const AllocateProducerIdsRequest& request, Situation&) {
  return controller.allocate_producer_ids(request);
}
auto decide(controller::Controller& controller, const AlterClientQuotasRequest& request, Situation&) {
  return controller.alter_client_quotas(request);
}
auto decide(controller::Controller& controller, const AlterPartitionReassignmentsRequest& request, Situation&) {
  return controller.alter_reassignments(request);
}
auto decide(controller::Controller& controller, const AlterUserScramCredentialsRequest& request, Situation&) {
  return controller.alter_scram_credentials(request);
}
auto decide(controller::Controller& controller, const AssignReplicasToDirsRequest& request, Situation&) {
  return controller.assign_replicas_to_dirs(request);
}
auto decide(controller::Controller& controller, const CreatePartitionsRequest& request, Situation& now) {
  return controller.create_partitions(request, now.random);
}
auto decide(controller::Controller& controller, const ElectLeadersRequest& request, Situation&) {
  return controller.elect_leaders(request);
}
auto decide(controller::Controller& controller, const ListPartitionReassignmentsRequest& request, Situation&) {
  return controller.list_reassignments(request);
}
auto decide(controller::Controller& controller, const UnregisterBrokerRequest& request, Situation&) {
  return controller.unregister_broker(request);
}
auto decide(controller::Controller& controller, const UpdateFeaturesRequest& request, Situation&) {
  return controller.update_features(request);
}
auto decide(controller::Controller& controller, const AlterConfigsRequest& request, Situation&) {
  return controller.alter_configs(request);
}
auto decide(controller::Controller& controller, const IncrementalAlterConfigsRequest& request, Situation&) {
  return controller.alter_configs(request);
}
controller::Decision<DescribeQuorumResponse> decide(controller::Controller&, const DescribeQuorumRequest& request,
                                                    Situation& now) {
  return {{}, describe_quorum(request, now.leader)};
}

// Each takes three microseconds to lay out, to write and to apply.
constexpr std::int64_t few_partitions = 256;

// What touches many partitions, or all of the cluster or of a broker, is long however short the request.
template <class Request>
bool touches_much(const Request&, const controller::Controller&) {
  return false;
}
bool touches_much(const CreateTopicsRequest& request, const controller::Controller& controller) {
  std::int64_t partitions = 0;
  for (const auto& topic : request.topics) {
    const bool by_default = topic.num_partitions == -1;
    partitions += std::max(by_default ? controller.settings().default_partitions : topic.num_partitions, 0);
  }
  return partitions > few_partitions;
}
bool touches_much(const CreatePartitionsRequest& request, const controller::Controller&) {
  std::int64_t partitions = 0;
  for (const auto& topic : request.topics) partitions += std::max(topic.count, 0);
  return partitions > few_partitions;
}
bool touches_much(const ElectLeadersRequest& request, const controller::Controller&) {
  return !request.topic_partitions.has_value();
}
bool touches_much(const ListPartitionReassignmentsRequest& request, const controller::Controller&) {
  return !request.topics.has_value();
}
bool touches_much(const UnregisterBrokerRequest&, const controller::Controller&) { return true; }
bool touches_much(const BrokerRegistrationRequest&, const controller::Controller&) { return true; }
bool touches_much(const BrokerHeartbeatRequest& request, const controller::Controller& controller) {
  const metadata::BrokerImage* broker = controller.image().find_broker(request.broker_id);
  return broker == nullptr || broker->fenced || request.want_shut_down || !request.offline_log_dirs.empty();
}

// The metadata log is described by the machine that leads it, which stays on its core.
template <class Request>
bool may_go_to_worker(const Request&) {
  return true;
}
bool may_go_to_worker(const DescribeQuorumRequest& request) { return !asks_for_metadata_log(request); }

template <class Request, class Response>
class Asked final : public Question {
 public:
  Asked(std::shared_ptr<const Request> request, const ControllerCaller& caller, Reply<Response> reply)
      : request_(std::move(request)),
        deadline_(caller.deadline),
        size_(caller.request_bytes),
        reply_(std::move(reply)) {}

  Instant deadline() const override { return deadline_; }
  std::size_t bytes() const override { return size_; }
  bool is_long(const controller::Controller& controller) const override {
    return may_go_to_worker(*request_) && (size_ > short_request_bytes || touches_much(*request_, controller));
  }
  Wish decide(controller::Controller& controller, Situation& situation) override {
    auto decision = engine::decide(controller, *request_, situation);
    response_ = std::move(decision.answer);
    return {std::move(decision.records), decision.atomicity, decision.kraft_version};
  }
  void refuse(const controller::Refusal& why) override { response_ = controller::refused<Response>(*request_, why); }
  void send() override { reply_.complete(std::move(response_)); }

 private:
  // Tens of nanoseconds per byte: half a millisecond.
  static constexpr std::size_t short_request_bytes = 4 << 10;

  std::shared_ptr<const Request> request_;
  Instant deadline_;
  std::size_t size_;
  Response response_;
  Reply<Response> reply_;
};

}  // namespace

template <class Response, class Request>
io::Future<Response> ControllerDoor::ask(std::shared_ptr<const Request> request, ControllerCaller caller) {
  return cores_.call<Response>(
      own_, 0,
      [core = quorum_.core_.get(), request = std::move(request), caller = std::move(caller)](Reply<Response> reply) {
        core->ask(std::make_unique<Asked<Request, Response>>(request, caller, std::move(reply)));
      });
}

// Everything that the controller decides.
template io::Future<AlterConfigsResponse> ControllerDoor::ask(std::shared_ptr<const AlterConfigsRequest>,
                                                              ControllerCaller);
template io::Future<AllocateProducerIdsResponse> ControllerDoor::ask(std::shared_ptr<const AllocateProducerIdsRequest>,
                                                                     ControllerCaller);
template io::Future<AlterClientQuotasResponse> ControllerDoor::ask(std::shared_ptr<const AlterClientQuotasRequest>,
                                                                   ControllerCaller);
template io::Future<AlterPartitionReassignmentsResponse> ControllerDoor::ask(
    std::shared_ptr<const AlterPartitionReassignmentsRequest>, ControllerCaller);
template io::Future<AlterUserScramCredentialsResponse> ControllerDoor::ask(
    std::shared_ptr<const AlterUserScramCredentialsRequest>, ControllerCaller);
template io::Future<AssignReplicasToDirsResponse> ControllerDoor::ask(
    std::shared_ptr<const AssignReplicasToDirsRequest>, ControllerCaller);
template io::Future<BrokerHeartbeatResponse> ControllerDoor::ask(std::shared_ptr<const BrokerHeartbeatRequest>,
                                                                 ControllerCaller);
template io::Future<BrokerRegistrationResponse> ControllerDoor::ask(std::shared_ptr<const BrokerRegistrationRequest>,
                                                                    ControllerCaller);
template io::Future<CreatePartitionsResponse> ControllerDoor::ask(std::shared_ptr<const CreatePartitionsRequest>,
                                                                  ControllerCaller);
template io::Future<CreateTopicsResponse> ControllerDoor::ask(std::shared_ptr<const CreateTopicsRequest>,
                                                              ControllerCaller);
template io::Future<DeleteTopicsResponse> ControllerDoor::ask(std::shared_ptr<const DeleteTopicsRequest>,
                                                              ControllerCaller);
template io::Future<DescribeQuorumResponse> ControllerDoor::ask(std::shared_ptr<const DescribeQuorumRequest>,
                                                                ControllerCaller);
template io::Future<ElectLeadersResponse> ControllerDoor::ask(std::shared_ptr<const ElectLeadersRequest>,
                                                              ControllerCaller);
template io::Future<ListPartitionReassignmentsResponse> ControllerDoor::ask(
    std::shared_ptr<const ListPartitionReassignmentsRequest>, ControllerCaller);
template io::Future<UnregisterBrokerResponse> ControllerDoor::ask(std::shared_ptr<const UnregisterBrokerRequest>,
                                                                  ControllerCaller);
template io::Future<UpdateFeaturesResponse> ControllerDoor::ask(std::shared_ptr<const UpdateFeaturesRequest>,
                                                                ControllerCaller);
template io::Future<IncrementalAlterConfigsResponse> ControllerDoor::ask(
    std::shared_ptr<const IncrementalAlterConfigsRequest>, ControllerCaller);

}  // namespace highwater::engine
