// The arithmetic of moving a partition. First its replicas are the wanted ones followed by those on their way out; it
// is complete when every new replica is in the ISR, and then those on their way out go. Pure functions of lists of
// brokers. Kafka: PartitionReassignmentReplicas, PartitionReassignmentRevert (KIP-455, KIP-860).
#pragma once

#include <optional>
#include <vector>

#include "foundation/base/ids.h"
#include "machines/metadata/image.h"

namespace highwater::controller {

struct Reassignment {
  std::vector<NodeId> replicas;  // wanted, then leaving
  std::vector<NodeId> removing;  // ascending
  std::vector<NodeId> adding;    // ascending
};

// `current` may itself be in the middle of a reassignment: what is asked for last counts.
Reassignment begin_reassignment(const std::vector<NodeId>& current, const std::vector<NodeId>& wanted);

struct CompletedReassignment {
  std::vector<NodeId> replicas;
  std::vector<NodeId> isr;
};

// Nothing while there is none, or while it cannot be completed with this ISR. A smaller replication factor waits for
// all that stay, so that completing never shrinks the ISR below what it would be without.
std::optional<CompletedReassignment> completed_reassignment(const Reassignment& ongoing,
                                                            const std::vector<NodeId>& isr);

struct RevertedReassignment {
  std::vector<NodeId> replicas;
  std::vector<NodeId> isr;
  bool unclean = false;  // only new replicas were in sync: what comes back may lack acknowledged records
};

// Nothing when no old replica is left.
std::optional<RevertedReassignment> reverted_reassignment(const metadata::PartitionImage& partition);

bool is_reassigning(const metadata::PartitionImage& partition);

}  // namespace highwater::controller
