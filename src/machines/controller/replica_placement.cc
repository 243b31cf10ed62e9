#include "machines/controller/replica_placement.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace highwater::controller {

namespace {

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

// A ring of brokers; each epoch hands every broker out once and begins one further.
class BrokerRing {
 public:
  void add(NodeId broker) { brokers_.push_back(broker); }
  void begin(Random& random) {
    if (!brokers_.empty()) offset_ = random.below(brokers_.size());
  }
  void mix(Random& random) { shuffle(brokers_, random); }
  NodeId next(std::int32_t epoch) {
    if (brokers_.empty()) return no_node;
    if (epoch_ != epoch) {
      epoch_ = epoch;
      index_ = 0;
      offset_ = (offset_ + 1) % brokers_.size();
    }
    if (index_ >= brokers_.size()) return no_node;
    return brokers_[(index_++ + offset_) % brokers_.size()];
  }

 private:
  std::vector<NodeId> brokers_;
  std::size_t index_ = 0;
  std::size_t offset_ = 0;
  std::int32_t epoch_ = 0;
};

struct Rack {
  BrokerRing fenced;
  BrokerRing unfenced;

  NodeId next(std::int32_t epoch) {
    const NodeId broker = unfenced.next(epoch);
    return broker != no_node ? broker : fenced.next(epoch);
  }
};

class RackRing {
 public:
  RackRing(const metadata::MetadataImage& image, const BrokerHeartbeats& heartbeats, Random& random) : random_(random) {
    std::map<std::optional<std::string>, Rack> by_name;
    for (const auto& [id, broker] : image.brokers()) {
      if (heartbeats.is_leaving(id) || !has_uncordoned_directory(broker)) continue;
      Rack& rack = by_name[broker.rack];
      (broker.fenced ? rack.fenced : rack.unfenced).add(id);
      ++total_;
      if (!broker.fenced) ++unfenced_;
    }
    for (auto& [name, rack] : by_name) {
      rack.fenced.begin(random);
      rack.unfenced.begin(random);
      racks_.push_back(std::move(rack));
    }
    if (!racks_.empty()) offset_ = random.below(racks_.size());
  }

  std::int32_t total() const { return total_; }
  std::int32_t unfenced() const { return unfenced_; }

  std::vector<NodeId> place(std::int16_t replicas) {
    // When every broker has led once, mix, so that the same groups do not come again; a single one cannot be mixed.
    if (epoch_ == unfenced_ && unfenced_ > 1) {
      mix();
      epoch_ = 0;
    }
    if (offset_ == racks_.size()) offset_ = 0;
    std::size_t leader_rack = offset_;
    NodeId leader = racks_[leader_rack].unfenced.next(epoch_);
    while (leader == no_node) {
      leader_rack = (leader_rack + 1) % racks_.size();
      leader = racks_[leader_rack].unfenced.next(epoch_);
    }
    std::vector<NodeId> brokers{leader};
    std::optional<std::size_t> skip = leader_rack;  // once: the leader's rack has had its turn
    std::size_t rack = offset_;
    while (brokers.size() < static_cast<std::size_t>(replicas)) {
      NodeId follower = no_node;
      if (skip == rack) {
        skip.reset();
      } else {
        follower = racks_[rack].next(epoch_);
      }
      rack = (rack + 1) % racks_.size();
      if (follower != no_node) brokers.push_back(follower);
    }
    ++epoch_;
    ++offset_;
    return brokers;
  }

 private:
  void mix() {
    shuffle(racks_, random_);
    for (Rack& rack : racks_) {
      rack.fenced.mix(random_);
      rack.unfenced.mix(random_);
    }
  }

  Random& random_;
  std::vector<Rack> racks_;
  std::int32_t total_ = 0;
  std::int32_t unfenced_ = 0;
  std::int32_t epoch_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace

bool has_uncordoned_directory(const metadata::BrokerImage& broker) {
  if (!broker.cordoned_directories.has_value() || broker.cordoned_directories->empty()) return true;
  const auto is_free = [&](const Uuid& directory) {
    return std::ranges::find(*broker.cordoned_directories, directory) == broker.cordoned_directories->end();
  };
  return std::ranges::any_of(broker.directories, is_free);
}

Result<std::vector<std::vector<NodeId>>> place_replicas(const metadata::MetadataImage& image,
                                                        const BrokerHeartbeats& heartbeats, PlacementWish wish,
                                                        Random& random) {
  RackRing racks(image, heartbeats, random);
  if (racks.unfenced() == 0) {
    return failure("All brokers are currently fenced, or have all their log directories cordoned.");
  }
  if (wish.replicas > racks.total()) {
    return failure(
        fmt::format("The target replication factor of {} cannot be reached because only {} broker(s) are registered or "
                    "some brokers have all their log directories cordoned.",
                    wish.replicas, racks.total()));
  }
  std::vector<std::vector<NodeId>> placed;
  placed.reserve(static_cast<std::size_t>(wish.partitions));
  for (std::int32_t i = 0; i < wish.partitions; ++i) placed.push_back(racks.place(wish.replicas));
  return placed;
}

Uuid default_directory(const metadata::MetadataImage& image, NodeId broker) {
  const metadata::BrokerImage* found = image.find_broker(broker);
  if (found == nullptr || found->directories.size() != 1) return metadata::unassigned_directory;
  return found->directories[0];
}

}  // namespace highwater::controller
