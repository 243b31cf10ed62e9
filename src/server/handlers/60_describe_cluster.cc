// DescribeCluster: id, brokers and operations of the cluster (KIP-700).
// v1 endpoint type (KIP-919) · v2 fenced brokers (KIP-1073)
#include "io/reactor.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "server/handlers/cluster_view.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using messages::DescribeClusterRequest;
using messages::DescribeClusterResponse;

// org.apache.kafka.common.requests.DescribeClusterRequest's endpoint types.
constexpr std::int8_t brokers_endpoint = 1;
constexpr std::int8_t controllers_endpoint = 2;

DescribeClusterResponse refused(api::ErrorCode error, std::string_view why) {
  DescribeClusterResponse response;
  response.error_code = api::wire_code(error);
  response.error_message = wire::Text(why);
  return response;
}

}  // namespace

io::Task<DescribeClusterResponse> describe_cluster(const DescribeClusterRequest& request, RequestContext& context) {
  if (request.endpoint_type == controllers_endpoint) {
    co_return refused(api::ErrorCode::mismatched_endpoint_type,
                      "This listener is for brokers, the request asks for controllers");
  }
  if (request.endpoint_type != brokers_endpoint) {
    co_return refused(api::ErrorCode::unsupported_endpoint_type, "The endpoint type is not known");
  }
  const ClusterView cluster(*context.image, context.listener());
  DescribeClusterResponse response;
  response.cluster_id = wire::Text::borrow(context.doors.cluster_id);
  response.controller_id = cluster.any_alive(context.doors.reactor->random());
  const auto fenced = request.include_fenced_brokers ? ClusterView::Fenced::included : ClusterView::Fenced::left_out;
  for (const Node& node : cluster.nodes(fenced)) {
    DescribeClusterResponse::DescribeClusterBroker broker;
    broker.broker_id = node.broker->id;
    broker.host = wire::Text::borrow(node.address->host);
    broker.port = node.address->port;
    if (node.broker->rack) broker.rack = wire::Text::borrow(*node.broker->rack);
    broker.is_fenced = node.broker->fenced;
    response.brokers.push_back(std::move(broker));
  }
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations =
        context.allows(Operation::describe, Resource::cluster, cluster_resource)
            ? context.doors.access.operations(context.peer.principal, Resource::cluster, cluster_resource)
            : 0;
  }
  co_return response;
}

}  // namespace highwater::server
