#include "server/handlers/handlers.h"

#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
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
    handler<InitProducerIdRequest, InitProducerIdResponse, init_producer_id>(),
    handler<DescribeConfigsRequest, DescribeConfigsResponse, describe_configs>(),
    handler<DescribeClusterRequest, DescribeClusterResponse, describe_cluster>(),
    handler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, describe_topic_partitions>(),
};

}  // namespace

std::span<const Handler> all_handlers() { return handlers; }

}  // namespace highwater::server
