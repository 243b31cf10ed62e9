// The APIs that this node serves, one file per API numbered by its key. A handler gets the decoded request and the
// context of dispatch, awaits at most one engine call, and gives the response; the pipeline does the rest.
#pragma once

#include <span>

#include "server/network/dispatch.h"

namespace highwater::messages {
struct ApiVersionsRequest;
struct ApiVersionsResponse;
struct CreateTopicsRequest;
struct CreateTopicsResponse;
struct DeleteRecordsRequest;
struct DeleteRecordsResponse;
struct DeleteTopicsRequest;
struct DeleteTopicsResponse;
struct DescribeClusterRequest;
struct DescribeClusterResponse;
struct DescribeConfigsRequest;
struct DescribeConfigsResponse;
struct DescribeLogDirsRequest;
struct DescribeLogDirsResponse;
struct DescribeProducersRequest;
struct DescribeProducersResponse;
struct DescribeTopicPartitionsRequest;
struct DescribeTopicPartitionsResponse;
struct FetchRequest;
struct FetchResponse;
struct InitProducerIdRequest;
struct InitProducerIdResponse;
struct ListOffsetsRequest;
struct ListOffsetsResponse;
struct MetadataRequest;
struct MetadataResponse;
struct OffsetForLeaderEpochRequest;
struct OffsetForLeaderEpochResponse;
struct ProduceRequest;
struct ProduceResponse;
}  // namespace highwater::messages

namespace highwater::server {

io::Task<messages::ProduceResponse> produce(const messages::ProduceRequest& request, RequestContext& context);
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
io::Task<messages::DescribeClusterResponse> describe_cluster(const messages::DescribeClusterRequest& request,
                                                             RequestContext& context);
io::Task<messages::DescribeTopicPartitionsResponse> describe_topic_partitions(
    const messages::DescribeTopicPartitionsRequest& request, RequestContext& context);
io::Task<messages::DeleteRecordsResponse> delete_records(const messages::DeleteRecordsRequest& request,
                                                         RequestContext& context);
io::Task<messages::OffsetForLeaderEpochResponse> offset_for_leader_epoch(
    const messages::OffsetForLeaderEpochRequest& request, RequestContext& context);
io::Task<messages::DescribeLogDirsResponse> describe_log_dirs(const messages::DescribeLogDirsRequest& request,
                                                              RequestContext& context);
io::Task<messages::DescribeProducersResponse> describe_producers(const messages::DescribeProducersRequest& request,
                                                                 RequestContext& context);

// Every API that is served, ascending by key. What ApiVersions advertises is made of this.
std::span<const Handler> all_handlers();

}  // namespace highwater::server
