// The APIs that this node serves, one file per API numbered by its key. A handler gets the decoded request and the
// context of dispatch, awaits at most one engine call, and gives the response; the pipeline does the rest.
#pragma once

#include <span>

#include "protocol/messages/fwd.h"
#include "server/network/dispatch.h"

namespace highwater::server {

std::unique_ptr<DirectRequest> produce(RequestContext&& context, DirectSlot slot);
io::Task<messages::FetchResponse> fetch(const messages::FetchRequest& request, RequestContext& context);
io::Task<messages::ListOffsetsResponse> list_offsets(const messages::ListOffsetsRequest& request,
                                                     RequestContext& context);
io::Task<messages::MetadataResponse> metadata_of(const messages::MetadataRequest& request, RequestContext& context);
// To a request for more topics than one request may name.
messages::MetadataResponse too_many_topics();
io::Task<messages::ApiVersionsResponse> api_versions(const messages::ApiVersionsRequest& request,
                                                     RequestContext& context);
io::Task<messages::CreateTopicsResponse> create_topics(const messages::CreateTopicsRequest& request,
                                                       RequestContext& context);
io::Task<messages::DeleteTopicsResponse> delete_topics(const messages::DeleteTopicsRequest& request,
                                                       RequestContext& context);
io::Task<messages::InitProducerIdResponse> init_producer_id(const messages::InitProducerIdRequest& request,
                                                            RequestContext& context);
io::Task<messages::DescribeConfigsResponse> describe_configs(const messages::DescribeConfigsRequest& request,
                                                             RequestContext& context);
io::Task<messages::DescribeQuorumResponse> describe_quorum(const messages::DescribeQuorumRequest& request,
                                                           RequestContext& context);
io::Task<messages::AlterConfigsResponse> alter_configs(const messages::AlterConfigsRequest& request,
                                                       RequestContext& context);
io::Task<messages::IncrementalAlterConfigsResponse> incremental_alter_configs(
    const messages::IncrementalAlterConfigsRequest& request, RequestContext& context);
io::Task<messages::ListConfigResourcesResponse> list_config_resources(
    const messages::ListConfigResourcesRequest& request, RequestContext& context);
io::Task<messages::DescribeClusterResponse> describe_cluster(const messages::DescribeClusterRequest& request,
                                                             RequestContext& context);
io::Task<messages::DescribeTopicPartitionsResponse> describe_topic_partitions(
    const messages::DescribeTopicPartitionsRequest& request, RequestContext& context);
io::Task<messages::DeleteRecordsResponse> delete_records(const messages::DeleteRecordsRequest& request,
                                                         RequestContext& context);
io::Task<messages::OffsetForLeaderEpochResponse> offset_for_leader_epoch(
    const messages::OffsetForLeaderEpochRequest& request, RequestContext& context);
io::Task<messages::AlterReplicaLogDirsResponse> alter_replica_log_dirs(
    const messages::AlterReplicaLogDirsRequest& request, RequestContext& context);
io::Task<messages::DescribeLogDirsResponse> describe_log_dirs(const messages::DescribeLogDirsRequest& request,
                                                              RequestContext& context);
io::Task<messages::DescribeProducersResponse> describe_producers(const messages::DescribeProducersRequest& request,
                                                                 RequestContext& context);
io::Task<messages::CreatePartitionsResponse> create_partitions(const messages::CreatePartitionsRequest& request,
                                                               RequestContext& context);
io::Task<messages::ElectLeadersResponse> elect_leaders(const messages::ElectLeadersRequest& request,
                                                       RequestContext& context);
io::Task<messages::AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    const messages::AlterPartitionReassignmentsRequest& request, RequestContext& context);
io::Task<messages::ListPartitionReassignmentsResponse> list_partition_reassignments(
    const messages::ListPartitionReassignmentsRequest& request, RequestContext& context);
io::Task<messages::DescribeClientQuotasResponse> describe_client_quotas(
    const messages::DescribeClientQuotasRequest& request, RequestContext& context);
io::Task<messages::AlterClientQuotasResponse> alter_client_quotas(const messages::AlterClientQuotasRequest& request,
                                                                  RequestContext& context);
io::Task<messages::DescribeUserScramCredentialsResponse> describe_user_scram_credentials(
    const messages::DescribeUserScramCredentialsRequest& request, RequestContext& context);
io::Task<messages::AlterUserScramCredentialsResponse> alter_user_scram_credentials(
    const messages::AlterUserScramCredentialsRequest& request, RequestContext& context);
io::Task<messages::UpdateFeaturesResponse> update_features(const messages::UpdateFeaturesRequest& request,
                                                           RequestContext& context);
io::Task<messages::UnregisterBrokerResponse> unregister_broker(const messages::UnregisterBrokerRequest& request,
                                                               RequestContext& context);
io::Task<messages::AllocateProducerIdsResponse> allocate_producer_ids(
    const messages::AllocateProducerIdsRequest& request, RequestContext& context);
io::Task<messages::GetTelemetrySubscriptionsResponse> get_telemetry_subscriptions(
    const messages::GetTelemetrySubscriptionsRequest& request, RequestContext& context);
io::Task<messages::PushTelemetryResponse> push_telemetry(const messages::PushTelemetryRequest& request,
                                                         RequestContext& context);
io::Task<messages::AssignReplicasToDirsResponse> assign_replicas_to_dirs(
    const messages::AssignReplicasToDirsRequest& request, RequestContext& context);

// Every API that is served, ascending by key. What ApiVersions advertises is made of those that are not `quiet`.
std::span<const Handler> all_handlers();

}  // namespace highwater::server
