// Which brokers hold the partitions of a new topic: striped over racks, leaders spread over all brokers that can lead,
// fenced brokers only as followers of last resort. Same rules as Kafka's StripedReplicaPlacer; the dice are the
// caller's.
#pragma once

#include <cstdint>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/random.h"
#include "foundation/base/result.h"
#include "machines/controller/heartbeats.h"
#include "machines/metadata/image.h"

namespace highwater::controller {

struct PlacementWish {
  std::int32_t partitions = 1;
  std::int16_t replicas = 1;
};

// One list of brokers per partition, the leader first. The failure is Kafka's sentence for INVALID_REPLICATION_FACTOR.
Result<std::vector<std::vector<NodeId>>> place_replicas(const metadata::MetadataImage& image,
                                                        const BrokerHeartbeats& heartbeats, PlacementWish wish,
                                                        Random& random);

// The directory that a new replica gets on this broker: its only one, or "not yet assigned".
Uuid default_directory(const metadata::MetadataImage& image, NodeId broker);
bool has_uncordoned_directory(const metadata::BrokerImage& broker);

}  // namespace highwater::controller
