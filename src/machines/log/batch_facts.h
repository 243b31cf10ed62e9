// What the log machine needs to know of one batch. Taken from bytes once; the same facts are applied by a leader after
// its append, by a follower, in recovery and when state is loaded.
#pragma once

#include <cstdint>
#include <optional>

#include "foundation/base/ids.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/batch_view.h"

namespace highwater::log {

enum class TxnOutcome : std::uint8_t { abort, commit };

// The one record of a transaction's control batch.
struct TxnMarker {
  TxnOutcome outcome = TxnOutcome::abort;
  std::int32_t coordinator_epoch = -1;
  std::int64_t timestamp = records::no_timestamp;
};

enum class BatchKind : std::uint8_t { data, control };
enum class BatchScope : std::uint8_t { plain, transactional };

struct BatchFacts {
  Offset base_offset = 0;  // in magic 0 and 1: the offset of the last record
  Offset last_offset = 0;
  Epoch leader_epoch = no_epoch;
  std::int64_t max_timestamp = records::no_timestamp;
  ProducerId producer_id = no_producer_id;
  std::int16_t producer_epoch = records::no_producer_epoch;
  std::int32_t base_sequence = records::no_sequence;
  std::int32_t last_sequence = records::no_sequence;
  std::uint32_t size_bytes = 0;
  std::int8_t magic = records::current_magic;
  BatchKind kind = BatchKind::data;
  BatchScope scope = BatchScope::plain;
  std::optional<TxnMarker> marker;

  bool has_producer_id() const { return producer_id > no_producer_id; }
  // The same batch after the leader has chosen its place.
  BatchFacts placed_at(Offset offset, Epoch epoch) const {
    BatchFacts placed = *this;
    placed.base_offset = offset;
    placed.last_offset = offset + (last_offset - base_offset);
    placed.leader_epoch = epoch;
    return placed;
  }
};

// The batch must be whole, and have a whole header if its magic is 2; nothing else is trusted. A control batch whose
// record is not a transaction marker (KRaft's, or one emptied by compaction) has no marker.
BatchFacts facts_of(const records::RawBatch& batch);

}  // namespace highwater::log
