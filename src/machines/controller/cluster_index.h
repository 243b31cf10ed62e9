// What the active controller asks the other way round: the partitions of a broker, the partitions without a leader, the
// topics whose names collide. Derived from the image, brought up to date with every delta, so that fencing a broker
// costs what it holds. One owner. Kafka: BrokersToIsrs, BrokersToElrs, topicsWithCollisionChars.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "foundation/base/ids.h"
#include "machines/metadata/delta.h"
#include "machines/metadata/image.h"

namespace highwater::controller {

using PartitionSet = std::set<TopicPartition>;

class ClusterIndex {
 public:
  void update(const metadata::MetadataDelta& delta, const metadata::MetadataImage& image);

  const PartitionSet& in_isr(NodeId broker) const;
  const PartitionSet& in_elr(NodeId broker) const;
  const PartitionSet& leaderless() const { return leaderless_; }
  const PartitionSet& reassigning() const { return reassigning_; }
  bool leads_any(NodeId broker) const;
  // A topic whose name collides with this one, or empty.
  std::string_view colliding_topic(std::string_view name) const;

 private:
  struct Holdings {
    PartitionSet isr;
    PartitionSet elr;
    PartitionSet led;
  };
  void add(const TopicPartition& where, const metadata::PartitionImage& partition);
  void remove(const TopicPartition& where, const metadata::PartitionImage& partition);

  std::map<NodeId, Holdings> brokers_;
  PartitionSet leaderless_;
  PartitionSet reassigning_;
  std::map<std::string, std::set<std::string>, std::less<>> by_collision_key_;
};

}  // namespace highwater::controller
