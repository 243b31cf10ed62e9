#include "machines/controller/reassignment.h"

#include <algorithm>
#include <utility>

namespace highwater::controller {

namespace {

using Nodes = std::vector<NodeId>;

bool contains(const Nodes& nodes, NodeId node) { return std::ranges::find(nodes, node) != nodes.end(); }

bool contains_all(const Nodes& nodes, const Nodes& wanted) {
  return std::ranges::all_of(wanted, [&](NodeId node) { return contains(nodes, node); });
}

Nodes without(Nodes nodes, const Nodes& unwanted) {
  std::erase_if(nodes, [&](NodeId node) { return contains(unwanted, node); });
  return nodes;
}

Nodes ascending(Nodes nodes) {
  std::ranges::sort(nodes);
  nodes.erase(std::ranges::unique(nodes).begin(), nodes.end());
  return nodes;
}

}  // namespace

Reassignment begin_reassignment(const Nodes& current, const Nodes& wanted) {
  Reassignment begun;
  begun.removing = ascending(without(current, wanted));
  begun.adding = ascending(without(wanted, current));
  begun.replicas = wanted;
  begun.replicas.insert(begun.replicas.end(), begun.removing.begin(), begun.removing.end());
  return begun;
}

std::optional<CompletedReassignment> completed_reassignment(const Reassignment& ongoing, const Nodes& isr) {
  if (ongoing.removing.empty() && ongoing.adding.empty()) return std::nullopt;
  CompletedReassignment completed{without(ongoing.replicas, ongoing.removing), without(isr, ongoing.removing)};
  if (!ongoing.removing.empty() && (completed.isr.empty() || completed.replicas.empty())) return std::nullopt;
  if (!contains_all(completed.isr, ongoing.adding)) return std::nullopt;
  const bool shrinks = ongoing.adding.size() < ongoing.removing.size();
  if (shrinks && !contains_all(completed.isr, completed.replicas)) return std::nullopt;
  return completed;
}

std::optional<RevertedReassignment> reverted_reassignment(const metadata::PartitionImage& partition) {
  RevertedReassignment reverted;
  reverted.replicas = without(partition.replicas, partition.adding);
  reverted.isr = without(partition.isr, partition.adding);
  if (!reverted.isr.empty()) return reverted;
  if (reverted.replicas.empty()) return std::nullopt;
  reverted.isr.push_back(reverted.replicas[0]);
  reverted.unclean = true;
  return reverted;
}

bool is_reassigning(const metadata::PartitionImage& partition) {
  return !partition.removing.empty() || !partition.adding.empty();
}

}  // namespace highwater::controller
