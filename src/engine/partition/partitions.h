// The one door to every partition of this node, one door per core: whoever stands on that core asks here, and the
// request goes to the cores that own its partitions and comes back as one answer. Outcome i belongs to part i.
// A call may be given up by dropping its future; what was appended stays appended.
#pragma once

#include <vector>

#include "engine/partition/outcomes.h"
#include "engine/routing/cores.h"
#include "io/future.h"

namespace highwater::engine {

class PartitionHost;

class Partitions {
 public:
  // `hosts[i]` is the host of core i; all must outlive the doors. `self` is the core of this door.
  Partitions(Cores& cores, CoreIndex self, std::vector<PartitionHost*> hosts);

  // Completes when each part is refused or acknowledged as `acks` demands, or the deadline passed for the rest.
  // acks=none completes once everything is admitted or refused. Order of two calls from one core to one partition is
  // kept.
  io::Future<std::vector<AppendOutcome>> append(std::vector<AppendPart> parts, AppendOptions options);

  // Kafka's fetch: waits until min_bytes are there, something is to be told, or the deadline. The first part that has
  // data gets its first batch whole, whatever the limits say; then limits hold in the order of the parts.
  io::Future<std::vector<ReadOutcome>> read(std::vector<ReadPart> parts, ReadOptions options);

  io::Future<std::vector<OffsetAnswer>> find_offsets(std::vector<OffsetQuery> queries, Isolation isolation);

 private:
  Cores& cores_;
  CoreIndex self_;
  std::vector<PartitionHost*> hosts_;
};

}  // namespace highwater::engine
