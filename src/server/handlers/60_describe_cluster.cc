// DescribeCluster: id, brokers and operations of the cluster (KIP-700).
// v1 endpoint type, and controllers as seen by a controller's listener (KIP-919) · v2 fenced brokers (KIP-1073)
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "io/reactor.h"
#include "machines/configs/broker_settings.h"
#include "machines/metadata/features.h"
#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
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

std::string_view type_name(std::int8_t type) { return type == brokers_endpoint ? "BROKER" : "CONTROLLER"; }

DescribeClusterResponse refused(api::ErrorCode error, std::string_view why) {
  DescribeClusterResponse response;
  response.error_code = api::wire_code(error);
  response.error_message = wire::Text(why);
  return response;
}

std::optional<DescribeClusterResponse> refuse_endpoint_type(std::int8_t asked, std::int8_t served,
                                                            std::int16_t version) {
  if (asked == served) return std::nullopt;
  const auto code = [&](api::ErrorCode error) {
    return api::describe_cluster_knows_endpoint_types(version) ? error : api::ErrorCode::invalid_request;
  };
  if (asked != brokers_endpoint && asked != controllers_endpoint) {
    return refused(code(api::ErrorCode::unsupported_endpoint_type), fmt::format("Unsupported endpoint type {}", asked));
  }
  return refused(code(api::ErrorCode::mismatched_endpoint_type),
                 fmt::format("The request was sent to an endpoint of type {}, but we wanted an endpoint of type {}",
                             type_name(served), type_name(asked)));
}

void add_brokers(const DescribeClusterRequest& request, RequestContext& context, DescribeClusterResponse& response) {
  const ClusterView cluster(*context.image, context.listener());
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
}

// Controllers that registered with an address on this listener. The active one is this node, which answers.
void add_controllers(const RequestContext& context, DescribeClusterResponse& response) {
  response.controller_id = no_node;
  for (const auto& [id, controller] : context.image->controllers()) {
    const auto named = [&](const metadata::ListenerImage& listener) { return listener.name == context.listener(); };
    const auto address = std::ranges::find_if(controller.listeners, named);
    if (address == controller.listeners.end()) continue;
    DescribeClusterResponse::DescribeClusterBroker node;
    node.broker_id = id;
    node.host = wire::Text::borrow(address->host);
    node.port = address->port;
    response.brokers.push_back(std::move(node));
    if (id == context.doors.settings->node_id) response.controller_id = id;
  }
}

// What only controllers check: whether they are told of each other at all, and a right that brokers do not ask for.
std::optional<DescribeClusterResponse> refuse_at_controller(const RequestContext& context) {
  if (!metadata::has_controller_registration(context.image->metadata_version())) {
    return refused(api::ErrorCode::unsupported_version,
                   "Direct-to-controller communication is not supported with the current MetadataVersion.");
  }
  if (context.allows(Operation::alter, Resource::cluster, cluster_resource)) return std::nullopt;
  return refused(api::ErrorCode::cluster_authorization_failed,
                 std::string(api::error_text(api::ErrorCode::cluster_authorization_failed)));
}

}  // namespace

io::Task<DescribeClusterResponse> describe_cluster(const DescribeClusterRequest& request, RequestContext& context) {
  const bool at_controller = context.peer.listener->kind == ListenerKind::controller;
  const std::int8_t served = at_controller ? controllers_endpoint : brokers_endpoint;
  auto refusal = at_controller ? refuse_at_controller(context) : std::nullopt;
  if (!refusal) refusal = refuse_endpoint_type(request.endpoint_type, served, context.version());
  if (refusal) co_return std::move(*refusal);
  DescribeClusterResponse response;
  response.endpoint_type = served;
  response.cluster_id = wire::Text::borrow(context.doors.cluster_id);
  if (at_controller) {
    add_controllers(context, response);
  } else {
    add_brokers(request, context, response);
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
