// The cluster as a client of one listener sees it: brokers that are alive and reachable there, and replicas filtered
// accordingly. Kafka: KRaftMetadataCache.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/random.h"
#include "machines/metadata/image.h"

namespace highwater::server {

// A broker with its address on the listener that was asked about. Pointers into the image.
struct Node {
  const metadata::BrokerImage* broker;
  const metadata::ListenerImage* address;
};

class ClusterView {
 public:
  // `image` must outlive the view.
  ClusterView(const metadata::MetadataImage& image, std::string_view listener) : image_(image), listener_(listener) {}

  enum class Fenced : std::uint8_t { left_out, included };
  std::vector<Node> nodes(Fenced fenced) const;
  // The address of a broker, fenced or not; nothing when it is unknown or not on this listener.
  std::optional<Node> node(NodeId id) const;
  std::optional<Node> alive_node(NodeId id) const;
  // Any broker that is alive, for clients that want a controller; -1 when there is none (KRaft hides the real one).
  NodeId any_alive(Random& random) const;

  std::vector<NodeId> alive_among(const std::vector<NodeId>& replicas) const;
  std::vector<NodeId> offline_replicas(const metadata::PartitionImage& partition) const;

 private:
  const metadata::MetadataImage& image_;
  std::string_view listener_;
};

}  // namespace highwater::server
