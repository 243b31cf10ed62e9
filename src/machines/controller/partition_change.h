// One partition's answer to a change of who is alive or of where it shall live: the next replicas, ISR, ELR and leader
// as one PartitionChangeRecord. A reassignment that can be completed is completed with it (see reassignment.h).
// Election order: the leader as it is, the first replica of the ISR, of the ELR when the ISR is empty, the last known
// leader when both are empty, with unclean election anyone alive; the preferred election asks the first replica before
// the leader as it is. Kafka: PartitionChangeBuilder (KIP-966).
#pragma once

#include <optional>
#include <vector>

#include "foundation/base/ids.h"
#include "machines/metadata/image.h"
#include "machines/metadata/records.h"

namespace highwater::controller {

enum class ElectionRule : std::uint8_t { clean, unclean, preferred };

struct PartitionRules {
  std::int16_t metadata_version = 0;
  std::int32_t min_insync_replicas = 1;  // already bounded by the number of replicas
  ElectionRule election = ElectionRule::clean;
  bool elr_enabled = false;
};

// Who may lead. `extra` may although the image still has it fenced, `excluded` may not although it is active.
struct Electorate {
  const metadata::MetadataImage& image;
  NodeId extra = no_node;
  NodeId excluded = no_node;

  // Alive, and with the directory online in which it holds its replica of this partition.
  bool accepts(NodeId broker, const metadata::PartitionImage& partition) const;
};

struct PartitionShift {
  std::vector<NodeId> target_isr;
  NodeId lost_uncleanly = no_node;  // may have lost acknowledged records: not eligible any more
  // Of a reassignment; absent: as they are.
  std::optional<std::vector<NodeId>> replicas;
  std::optional<std::vector<NodeId>> removing;
  std::optional<std::vector<NodeId>> adding;
};

// Nothing when nothing changes.
std::optional<metadata::MetadataRecord> change_partition(const TopicPartition& where,
                                                         const metadata::PartitionImage& partition,
                                                         const PartitionRules& rules, const Electorate& electorate,
                                                         const PartitionShift& shift);

}  // namespace highwater::controller
