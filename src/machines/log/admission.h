// Decides what may enter one partition's log, and where. Pure: bytes are written by engine/storage, which calls apply()
// for each batch once it is written; apply() is also what recovery and loading call, so that leader, follower and
// restart cannot disagree.
//
//   leader:    admit(facts, write) -> append at [base, last] | duplicate of [base, last] | reject
//              stamp the bytes, write them, apply(facts.placed_at(base, epoch))
//   follower:  plan(bytes, epoch)  -> how many of the bytes to append | reject;  apply(facts) per batch
//   recovery:  Admission(first, first) with the base of the first batch to be read, apply(facts) per batch, and at last
//              advance_start(log start), which may lie inside a batch
//
// One per partition, on its core. Rules of UnifiedLog.append.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"
#include "machines/log/append_reject.h"
#include "machines/log/batch_facts.h"
#include "machines/log/epochs.h"
#include "machines/log/producers.h"

namespace highwater::log {

struct LeaderWrite {
  Epoch leader_epoch = no_epoch;
  std::int64_t segment_bytes_max = INT32_MAX;  // segment.bytes: no batch may be larger
  WriteTerms terms;
};

enum class LeaderAnswer : std::uint8_t { append, duplicate, reject };

struct LeaderDecision {
  LeaderAnswer answer = LeaderAnswer::reject;
  Offset base_offset = no_offset;
  Offset last_offset = no_offset;
  // Of a duplicate: the timestamp of the batch that is there, which is what Kafka answers as log append time.
  std::int64_t timestamp = records::no_timestamp;
  AppendReject reject{};  // meaningful with LeaderAnswer::reject
};

enum class FollowerReject : std::uint8_t {
  corrupt,             // CORRUPT_MESSAGE: length, magic, header or CRC
  offsets_not_rising,  // a batch does not begin after the end of the one before it
  below_log_end,       // the first batch begins before our end: the fetch is stale or the leader's log differs
};

struct FollowerPlan {
  std::size_t bytes = 0;  // append this prefix of what came; 0 is nothing to do
  // Of the first batch, to compare with the log end when the log is empty and may be restarted there.
  Offset first_offset = no_offset;
  Offset last_offset = no_offset;
  std::int64_t max_timestamp = records::no_timestamp;
  std::optional<FollowerReject> reject;
  // Later batches carry an epoch above ours: this fetch outlived its leader (KAFKA-18723).
  bool stopped_at_newer_epoch = false;
};

class Admission {
 public:
  struct Applied {
    bool epochs_changed = false;            // write the leader epoch checkpoint
    std::optional<CompletedTxn> completed;  // if aborted: add it to the segment's .txnindex
  };

  Admission(Offset log_start, Offset log_end);

  // The batch has passed records::BatchValidation. Nothing changes until apply().
  LeaderDecision admit(const BatchFacts& batch, const LeaderWrite& write) const;

  // What of a fetch answer to append, in its order. Checks every CRC; the cost is one pass over the bytes.
  FollowerPlan plan(ByteView fetched, Epoch current_epoch) const;

  // A batch is in the log. HW_CHECKs that offsets and epochs only rise.
  Applied apply(const BatchFacts& batch);

  // A new leader notes its epoch before its first append. True if the checkpoint must be written.
  bool become_leader(Epoch epoch);

  // The log now ends at `log_end`. Returns true when the producer table must be rebuilt: reset from the newest snapshot
  // at or below `log_end`, then apply_producers_only() for the batches between. Never below the high watermark, unless
  // an unclean election said so.
  bool truncate_to(Offset log_end);
  // Everything goes; the log begins anew at `offset`.
  void restart_at(Offset offset);
  // The log now begins at `log_start` (retention, DeleteRecords). Returns whether the epoch checkpoint must be written.
  bool advance_start(Offset log_start);
  // Rebuilding the table from batches that are already counted in the log end.
  void apply_producers_only(const BatchFacts& batch);

  Offset log_start() const { return log_start_; }
  Offset log_end() const { return log_end_; }
  Offset last_stable_offset(Offset high_watermark) const;
  const EpochCache& epochs() const { return epochs_; }
  const ProducerTable& producers() const { return producers_; }
  // For loading: the checkpoint's entries, a snapshot's producers, verification and expiry.
  EpochCache& mutable_epochs() { return epochs_; }
  ProducerTable& mutable_producers() { return producers_; }

 private:
  Offset log_start_;
  Offset log_end_;
  EpochCache epochs_;
  ProducerTable producers_;
};

}  // namespace highwater::log
