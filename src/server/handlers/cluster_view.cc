#include "server/handlers/cluster_view.h"

#include <algorithm>

namespace highwater::server {
namespace {

// Kafka's BrokerRegistration.hasOnlineDir: a broker that lists no directories runs one that it cannot lose.
bool on_lost_directory(const metadata::BrokerImage& broker, const metadata::PartitionImage& partition) {
  const auto place = std::ranges::find(partition.replicas, broker.id) - partition.replicas.begin();
  const auto index = static_cast<std::size_t>(place);
  if (index >= partition.directories.size() || broker.directories.empty()) return false;
  const Uuid& directory = partition.directories[index];
  if (directory == metadata::lost_directory) return true;
  if (directory == metadata::unassigned_directory || directory.is_zero()) return false;
  return !std::ranges::binary_search(broker.directories, directory);
}

}  // namespace

std::vector<Node> ClusterView::nodes(Fenced fenced) const {
  std::vector<Node> list;
  for (const auto& [id, broker] : image_.brokers()) {
    if (broker.fenced && fenced == Fenced::left_out) continue;
    if (const auto* address = broker.find_listener(listener_)) list.push_back({&broker, address});
  }
  return list;
}

std::optional<Node> ClusterView::node(NodeId id) const {
  const metadata::BrokerImage* broker = image_.find_broker(id);
  if (broker == nullptr) return std::nullopt;
  const metadata::ListenerImage* address = broker->find_listener(listener_);
  if (address == nullptr) return std::nullopt;
  return Node{broker, address};
}

std::optional<Node> ClusterView::alive_node(NodeId id) const {
  const std::optional<Node> found = node(id);
  if (!found || found->broker->fenced) return std::nullopt;
  return found;
}

NodeId ClusterView::any_alive(Random& random) const {
  std::vector<NodeId> alive;
  for (const auto& [id, broker] : image_.brokers()) {
    if (!broker.fenced) alive.push_back(id);
  }
  if (alive.empty()) return no_node;
  return alive.size() == 1 ? alive.front() : alive[random.below(alive.size())];
}

std::vector<NodeId> ClusterView::alive_among(const std::vector<NodeId>& replicas) const {
  std::vector<NodeId> list;
  list.reserve(replicas.size());
  for (const NodeId id : replicas) {
    if (alive_node(id)) list.push_back(id);
  }
  return list;
}

std::vector<NodeId> ClusterView::offline_replicas(const metadata::PartitionImage& partition) const {
  std::vector<NodeId> list;
  for (const NodeId id : partition.replicas) {
    const std::optional<Node> found = alive_node(id);
    if (!found || on_lost_directory(*found->broker, partition)) list.push_back(id);
  }
  return list;
}

}  // namespace highwater::server
