// What one partition remembers of its producers: the last batches of each (so that a retry gives the first answer
// again), epochs, and which transactions are open. Rules of ProducerStateManager, ProducerAppendInfo and
// ProducerStateEntry; KIP-98, 360, 890.
//
//   check() asks, apply() is the only thing that changes state by records: the leader calls it after its append,
//   followers and recovery with the same facts. Loading a snapshot and applying what follows gives the same table.
//
// Owned by the partition's Admission. Times are WallTime in milliseconds, as Kafka compares record timestamps with it.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/time.h"
#include "machines/log/append_reject.h"
#include "machines/log/batch_facts.h"
#include "machines/log/limits.h"

namespace highwater::log {

struct CachedBatch {
  std::int32_t last_sequence = records::no_sequence;
  std::int32_t offset_delta = 0;  // last offset - first offset
  Offset last_offset = no_offset;
  std::int64_t timestamp = records::no_timestamp;

  std::int32_t first_sequence() const { return records::sequence_before(last_sequence, offset_delta); }
  Offset first_offset() const { return last_offset - offset_delta; }
};

// State of one producer. The batches of an epoch are forgotten when the epoch changes.
class ProducerEntry {
 public:
  std::int16_t epoch = records::no_producer_epoch;
  std::int32_t coordinator_epoch = -1;
  std::int64_t last_timestamp = records::no_timestamp;
  Offset txn_first_offset = no_offset;  // -1: no transaction open

  bool has_open_transaction() const { return txn_first_offset >= 0; }
  // Written so that any timestamp will do: it is what a client sent.
  bool expires(WallTime now, std::int64_t expiration_ms) const {
    return !has_open_transaction() && last_timestamp <= now.ms - expiration_ms;
  }
  bool has_batches() const { return count_ != 0; }
  // 0 is the oldest.
  const CachedBatch& batch(std::size_t index) const { return batches_[(first_ + index) % batches_.size()]; }
  std::int32_t last_sequence() const { return count_ == 0 ? records::no_sequence : batch(count_ - 1u).last_sequence; }
  Offset last_offset() const { return count_ == 0 ? no_offset : batch(count_ - 1u).last_offset; }
  std::int32_t last_offset_delta() const { return count_ == 0 ? 0 : batch(count_ - 1u).offset_delta; }

  void enter_epoch(std::int16_t next);
  void remember(const CachedBatch& batch);
  std::optional<CachedBatch> find(std::int32_t first_sequence, std::int32_t last_sequence) const;

 private:
  std::array<CachedBatch, cached_batches_max> batches_;
  std::uint8_t first_ = 0;
  std::uint8_t count_ = 0;
};

// A transaction whose marker is in the log.
struct CompletedTxn {
  ProducerId producer_id = no_producer_id;
  Offset first_offset = no_offset;
  Offset last_offset = no_offset;  // the marker's
  TxnOutcome outcome = TxnOutcome::abort;
  // First offset of the oldest other transaction still open, else one past the marker: what the .txnindex entry of an
  // abort records.
  Offset last_stable_offset = no_offset;
};

// A ticket for the first transactional write to this partition, given out while the coordinator is asked whether the
// transaction has this partition. 0 is none.
using VerificationGuard = std::uint64_t;
inline constexpr VerificationGuard no_guard = 0;

enum class EpochBump : std::uint8_t { unsupported, supported };  // does the client speak transaction version 2
enum class Verification : std::uint8_t { required, disabled };   // transaction.partition.verification.enable

// How a write came to the leader, for check().
struct WriteTerms {
  AppendOrigin origin = AppendOrigin::client;
  std::int16_t transaction_version = 0;  // of a marker; from WriteTxnMarkers
  VerificationGuard guard = no_guard;
  Verification verification = Verification::required;
};

class ProducerTable {
 public:
  // The batch that already holds exactly these sequence numbers, among the last five of this epoch.
  std::optional<CachedBatch> find_duplicate(const BatchFacts& batch) const;
  // Whether a leader may append the batch at its facts' offsets. Does not look for duplicates.
  std::optional<AppendReject> check(const BatchFacts& batch, const WriteTerms& terms) const;
  // The batch is in the log. Batches come in offset order. Never refuses: what is in the log is what happened.
  std::optional<CompletedTxn> apply(const BatchFacts& batch);

  // First offset that a transaction keeps from being stable: of one still open, or of one whose marker is not yet
  // below the high watermark. Nothing: all is decided.
  std::optional<Offset> first_unstable_offset() const;
  // First offset of the oldest open transaction; what compaction may not pass.
  std::optional<Offset> first_undecided_offset() const;
  void on_high_watermark(Offset high_watermark);
  void on_log_start(Offset log_start);

  // Of those named, who was idle for producer.id.expiration.ms without an open transaction. Returns how many were
  // forgotten.
  std::size_t remove_expired(std::span<const ProducerId> ids, WallTime now, std::int64_t expiration_ms);
  void remove_expired_verifications(WallTime now, std::int64_t expiration_ms);

  // Begins (or joins) the verification of a producer's first transactional write. The guard holds until a
  // transactional batch of the producer is applied; no_guard when too many verifications are open.
  VerificationGuard start_verification(const BatchFacts& batch, EpochBump bump, WallTime now);
  bool has_open_transaction(ProducerId producer, std::int16_t epoch) const;

  const ProducerEntry* find(ProducerId producer) const;
  std::size_t size() const { return producers_.size(); }
  // Sorted by id: for snapshots.
  std::vector<std::pair<ProducerId, ProducerEntry>> sorted() const;
  // The next so many ids above `after`, sorted: for walks that pause while producers come and go.
  std::vector<ProducerId> ids_after(ProducerId after, std::size_t count_max) const;
  // The same entries as sorted() gives now, some at a time, while batches come: who changes meanwhile is kept as it
  // was. One walk at a time; reset() ends it too. take_walked() gives at most so many, none when the walk is over.
  void begin_walk();
  void end_walk();
  std::vector<std::pair<ProducerId, ProducerEntry>> take_walked(std::size_t count_max);
  // Age of the oldest open transaction's last write; the hanging-transaction gauge.
  std::optional<std::int64_t> oldest_open_txn_timestamp() const;

  // The end offset that the table speaks for: one past the last applied batch, or where a snapshot was taken.
  Offset end_offset() const { return end_offset_; }
  void set_end_offset(Offset end_offset) { end_offset_ = end_offset; }

  // Everything is forgotten; then entries of a snapshot may be loaded, then later batches applied.
  void reset(Offset end_offset);
  void load(ProducerId producer, const ProducerEntry& entry);

 private:
  struct PendingVerification {
    VerificationGuard guard = no_guard;
    std::int64_t started_ms = 0;
    std::int32_t lowest_sequence = 0;
    std::int16_t epoch = 0;
    EpochBump bump = EpochBump::unsupported;
  };
  struct DecidedTxn {
    Offset last_offset = no_offset;
  };
  struct Walk {
    std::optional<ProducerId> last;  // all up to it were taken
    // As they were when the walk began; nothing: there was none.
    absl::btree_map<ProducerId, std::optional<ProducerEntry>> kept;
  };

  std::optional<AppendReject> check_verified(const BatchFacts& batch, const WriteTerms& terms) const;
  std::optional<AppendReject> check_sequence(const BatchFacts& batch, const ProducerEntry& entry) const;
  std::optional<CompletedTxn> apply_marker(const BatchFacts& batch, ProducerEntry& entry);
  void end_verification(const BatchFacts& batch);
  ProducerEntry& entry_of(ProducerId producer);
  void keep_for_walk(ProducerId producer);
  void drop_decided_below(Offset offset);

  absl::flat_hash_map<ProducerId, ProducerEntry> producers_;
  absl::btree_set<ProducerId> ids_;  // of all of them
  std::optional<Walk> walk_;
  absl::flat_hash_map<ProducerId, PendingVerification> verifications_;
  std::map<Offset, ProducerId> open_;          // by first offset
  std::map<Offset, DecidedTxn> unreplicated_;  // by first offset; the marker is not below the high watermark yet
  Offset end_offset_ = 0;
  VerificationGuard last_guard_ = no_guard;
};

}  // namespace highwater::log
