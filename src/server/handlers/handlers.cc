#include "server/handlers/handlers.h"

#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/assign_replicas_to_dirs_request.h"
#include "protocol/messages/assign_replicas_to_dirs_response.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_client_quotas_request.h"
#include "protocol/messages/describe_client_quotas_response.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "protocol/messages/describe_quorum_request.h"
#include "protocol/messages/describe_quorum_response.h"
#include "protocol/messages/describe_topic_partitions_request.h"
#include "protocol/messages/describe_topic_partitions_response.h"
#include "protocol/messages/describe_user_scram_credentials_request.h"
#include "protocol/messages/describe_user_scram_credentials_response.h"
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/get_telemetry_subscriptions_request.h"
#include "protocol/messages/get_telemetry_subscriptions_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/list_config_resources_request.h"
#include "protocol/messages/list_config_resources_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "protocol/messages/push_telemetry_request.h"
#include "protocol/messages/push_telemetry_response.h"
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"
#include "server/network/long_exchange.h"

namespace highwater::server {
namespace {

using namespace messages;

// Answered but not advertised: clients must not begin to push what nobody receives.
constexpr Handler quiet(Handler handler) {
  handler.notice = Notice::quiet;
  return handler;
}

constexpr Handler handlers[] = {
    handler<ProduceRequest, produce>(),
    handler<FetchRequest, FetchResponse, fetch>(),
    list_handler<ListOffsetsRequest, ListOffsetsResponse, list_offsets>(),
    list_handler<MetadataRequest, MetadataResponse, metadata_of, too_many_topics>(),
    handler<ApiVersionsRequest, ApiVersionsResponse, api_versions>(ListenerReach::both),
    list_handler<CreateTopicsRequest, CreateTopicsResponse, create_topics>(ListenerReach::both),
    list_handler<DeleteTopicsRequest, DeleteTopicsResponse, delete_topics>(ListenerReach::both),
    list_handler<DeleteRecordsRequest, DeleteRecordsResponse, delete_records>(),
    handler<InitProducerIdRequest, InitProducerIdResponse, init_producer_id>(),
    list_handler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, offset_for_leader_epoch>(),
    list_handler<DescribeConfigsRequest, DescribeConfigsResponse, describe_configs>(ListenerReach::both),
    list_handler<AlterConfigsRequest, AlterConfigsResponse, alter_configs>(ListenerReach::both),
    list_handler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, alter_replica_log_dirs>(),
    list_handler<DescribeLogDirsRequest, DescribeLogDirsResponse, describe_log_dirs>(),
    list_handler<CreatePartitionsRequest, CreatePartitionsResponse, create_partitions>(ListenerReach::both),
    list_handler<ElectLeadersRequest, ElectLeadersResponse, elect_leaders>(ListenerReach::both),
    list_handler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, incremental_alter_configs>(
        ListenerReach::both),
    list_handler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
                 alter_partition_reassignments>(ListenerReach::both),
    list_handler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, list_partition_reassignments>(
        ListenerReach::both),
    list_handler<DescribeClientQuotasRequest, DescribeClientQuotasResponse, describe_client_quotas>(),
    list_handler<AlterClientQuotasRequest, AlterClientQuotasResponse, alter_client_quotas>(ListenerReach::both),
    list_handler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
                 describe_user_scram_credentials>(ListenerReach::both),
    list_handler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, alter_user_scram_credentials>(
        ListenerReach::both),
    list_handler<UpdateFeaturesRequest, UpdateFeaturesResponse, update_features>(ListenerReach::both),
    list_handler<DescribeQuorumRequest, DescribeQuorumResponse, describe_quorum>(ListenerReach::both),
    handler<DescribeClusterRequest, DescribeClusterResponse, describe_cluster>(ListenerReach::both),
    list_handler<DescribeProducersRequest, DescribeProducersResponse, describe_producers>(),
    handler<UnregisterBrokerRequest, UnregisterBrokerResponse, unregister_broker>(ListenerReach::both),
    handler<AllocateProducerIdsRequest, AllocateProducerIdsResponse, allocate_producer_ids>(ListenerReach::controllers),
    quiet(handler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, get_telemetry_subscriptions>()),
    quiet(handler<PushTelemetryRequest, PushTelemetryResponse, push_telemetry>()),
    list_handler<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse, assign_replicas_to_dirs>(
        ListenerReach::controllers),
    handler<ListConfigResourcesRequest, ListConfigResourcesResponse, list_config_resources>(),
    list_handler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, describe_topic_partitions>(),
};

}  // namespace

std::span<const Handler> all_handlers() { return handlers; }

}  // namespace highwater::server
