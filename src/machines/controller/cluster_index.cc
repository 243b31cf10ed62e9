#include "machines/controller/cluster_index.h"

#include "machines/controller/reassignment.h"
#include "machines/controller/topic_names.h"

namespace highwater::controller {

namespace {
const PartitionSet nothing;
}

void ClusterIndex::add(const TopicPartition& where, const metadata::PartitionImage& partition) {
  for (const NodeId broker : partition.isr) brokers_[broker].isr.insert(where);
  for (const NodeId broker : partition.elr) brokers_[broker].elr.insert(where);
  if (is_reassigning(partition)) reassigning_.insert(where);
  if (partition.leader == no_node) {
    leaderless_.insert(where);
  } else {
    brokers_[partition.leader].led.insert(where);
  }
}

void ClusterIndex::remove(const TopicPartition& where, const metadata::PartitionImage& partition) {
  for (const NodeId broker : partition.isr) brokers_[broker].isr.erase(where);
  for (const NodeId broker : partition.elr) brokers_[broker].elr.erase(where);
  reassigning_.erase(where);
  if (partition.leader == no_node) {
    leaderless_.erase(where);
  } else {
    brokers_[partition.leader].led.erase(where);
  }
}

void ClusterIndex::update(const metadata::MetadataDelta& delta, const metadata::MetadataImage& image) {
  for (const auto& [id, change] : delta.topics()) {
    const metadata::TopicImage* before = delta.base()->find_topic(id);
    const metadata::TopicImage* after = image.find_topic(id);
    if (before != nullptr) {
      for (const auto& [index, partition] : before->partitions) {
        if (change.removed || change.partitions.contains(index)) remove({id, index}, partition);
      }
    }
    if (after != nullptr) {
      for (const std::int32_t index : change.partitions) add({id, index}, *after->find_partition(index));
    }
    if (!has_collision_characters(change.name)) continue;
    auto& names = by_collision_key_[collision_key(change.name)];
    if (change.created) names.insert(change.name);
    if (change.removed && image.find_topic(change.name) == nullptr) names.erase(change.name);
    if (names.empty()) by_collision_key_.erase(collision_key(change.name));
  }
}

const PartitionSet& ClusterIndex::in_isr(NodeId broker) const {
  const auto found = brokers_.find(broker);
  return found == brokers_.end() ? nothing : found->second.isr;
}

const PartitionSet& ClusterIndex::in_elr(NodeId broker) const {
  const auto found = brokers_.find(broker);
  return found == brokers_.end() ? nothing : found->second.elr;
}

bool ClusterIndex::leads_any(NodeId broker) const {
  const auto found = brokers_.find(broker);
  return found != brokers_.end() && !found->second.led.empty();
}

std::string_view ClusterIndex::colliding_topic(std::string_view name) const {
  if (!has_collision_characters(name)) return {};
  const auto found = by_collision_key_.find(collision_key(name));
  return found == by_collision_key_.end() ? std::string_view{} : std::string_view(*found->second.begin());
}

}  // namespace highwater::controller
