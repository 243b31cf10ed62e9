// Which leader epoch began at which offset, for one partition: the ground on which replicas find where they part.
// Rules of org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache; file format of `leader-epoch-checkpoint`.
// Entries rise strictly in both epoch and start offset. Owned by the partition's Admission.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/result.h"

namespace highwater::log {

struct EpochEntry {
  Epoch epoch = no_epoch;
  Offset start_offset = no_offset;

  bool operator==(const EpochEntry&) const = default;
};

// Answer to "where does this epoch end"; both fields are -1 when it cannot be told.
struct EpochEnd {
  Epoch epoch = no_epoch;
  Offset end_offset = no_offset;

  bool operator==(const EpochEnd&) const = default;
};

class EpochCache {
 public:
  EpochCache() = default;

  // Notes that `epoch` begins at `start_offset`, dropping entries that contradict it. True if the entries changed and
  // the checkpoint must be written. A leader calls it at election, before any append: empty epochs matter.
  bool assign(Epoch epoch, Offset start_offset);

  // The largest epoch that is not above `requested`, and where the next one begins. The latest epoch ends at
  // `log_end`; an epoch above all is undefined; one below all ends where the first known begins.
  EpochEnd end_offset_for(Epoch requested, Offset log_end) const;

  // Drop what begins at or after `end_offset`. True if anything changed.
  bool truncate_from_end(Offset end_offset);
  // Drop what ended at or before `start_offset`; the epoch that covers it now begins there. True if anything changed.
  bool truncate_from_start(Offset start_offset);
  void clear() { entries_.clear(); }

  std::optional<EpochEntry> latest() const;
  std::optional<EpochEntry> earliest() const;
  // The epoch that the record at `offset` was written in.
  std::optional<Epoch> epoch_at(Offset offset) const;
  // The next known epoch below `epoch`.
  std::optional<EpochEntry> before(Epoch epoch) const;
  std::span<const EpochEntry> entries() const { return entries_; }

  // The text of `leader-epoch-checkpoint`: version 0, the count, one "epoch start" per line.
  std::string checkpoint_text() const;
  // Entries are assigned one after another, so that a file with contradictions yields a consistent cache, as in Kafka.
  static Result<EpochCache> from_checkpoint_text(std::string_view text);

 private:
  std::vector<EpochEntry> entries_;
};

}  // namespace highwater::log
