// Whether brokers that a client names itself may hold a partition: of a new topic, of a new partition, of one that
// moves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/ids.h"
#include "machines/metadata/image.h"

namespace highwater::controller {

// Empty when they may, else Kafka's sentence for INVALID_REPLICA_ASSIGNMENT. `replicas`: as many as the other
// partitions have; absent: any number above 0.
std::string assignment_problem(const metadata::MetadataImage& image, const std::vector<NodeId>& brokers,
                               std::optional<std::size_t> replicas);

// The same when none of them could lead it now.
std::string leadership_problem(const metadata::MetadataImage& image, const std::vector<NodeId>& brokers,
                               std::int32_t partition);

// A partition that nobody has written to yet, led by the first of these brokers that may; nothing when none may.
std::optional<metadata::PartitionImage> fresh_partition(const metadata::MetadataImage& image,
                                                        std::vector<NodeId> brokers);

}  // namespace highwater::controller
