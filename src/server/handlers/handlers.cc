#include "server/handlers/handlers.h"

#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "protocol/messages/describe_topic_partitions_request.h"
#include "protocol/messages/describe_topic_partitions_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"

namespace highwater::server {
namespace {

using namespace messages;

constexpr Handler handlers[] = {
    handler<ProduceRequest, ProduceResponse, produce>(),
    handler<FetchRequest, FetchResponse, fetch>(),
    handler<ListOffsetsRequest, ListOffsetsResponse, list_offsets>(),
    handler<MetadataRequest, MetadataResponse, metadata_of, too_many_topics>(),
    handler<ApiVersionsRequest, ApiVersionsResponse, api_versions>(ListenerReach::both),
    handler<CreateTopicsRequest, CreateTopicsResponse, create_topics>(),
    handler<DeleteTopicsRequest, DeleteTopicsResponse, delete_topics>(),
    handler<DeleteRecordsRequest, DeleteRecordsResponse, delete_records>(),
    handler<InitProducerIdRequest, InitProducerIdResponse, init_producer_id>(),
    handler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, offset_for_leader_epoch>(),
    handler<DescribeConfigsRequest, DescribeConfigsResponse, describe_configs>(),
    handler<DescribeLogDirsRequest, DescribeLogDirsResponse, describe_log_dirs>(),
    handler<DescribeClusterRequest, DescribeClusterResponse, describe_cluster>(),
    handler<DescribeProducersRequest, DescribeProducersResponse, describe_producers>(),
    handler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, describe_topic_partitions>(),
};

}  // namespace

std::span<const Handler> all_handlers() { return handlers; }

}  // namespace highwater::server
