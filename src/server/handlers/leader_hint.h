// Who leads a partition now and where, for answers that send a client elsewhere (KIP-951): the client need not ask for
// metadata first.
#pragma once

#include <vector>

#include "machines/metadata/image.h"
#include "server/handlers/cluster_view.h"
#include "server/network/request_context.h"

namespace highwater::server {

// Fills the hint of one partition, and the list of endpoints, in a Produce or Fetch response.
template <class Hint, class Endpoint>
void hint_leader(const RequestContext& context, const TopicPartition& partition, Hint& hint,
                 std::vector<Endpoint>& endpoints) {
  const metadata::PartitionImage* image = context.image->find_partition(partition);
  if (image == nullptr) return;
  hint.leader_id = image->leader;
  hint.leader_epoch = image->leader_epoch;
  const ClusterView cluster(*context.image, context.listener());
  const std::optional<Node> node = cluster.alive_node(image->leader);
  if (!node) return;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.node_id == image->leader) return;
  }
  Endpoint endpoint;
  endpoint.node_id = image->leader;
  endpoint.host = wire::Text::borrow(node->address->host);
  endpoint.port = node->address->port;
  if (node->broker->rack) endpoint.rack = wire::Text::borrow(*node->broker->rack);
  endpoints.push_back(std::move(endpoint));
}

}  // namespace highwater::server
