// Aborted transactions of one segment, in the order of their markers: the `.txnindex` file, 34 bytes an entry (version
// i16 = 0, producer id, first offset, last offset, last stable offset at the time). The file exists only once a
// transaction was aborted. Kafka: TransactionIndex, AbortedTxn.
#pragma once

#include <cstdint>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"

namespace highwater::engine {

struct AbortedTxn {
  ProducerId producer_id = no_producer_id;
  Offset first_offset = 0;
  Offset last_offset = 0;
  Offset last_stable_offset = 0;

  bool operator==(const AbortedTxn&) const = default;
};

class TxnIndex {
 public:
  static constexpr std::size_t entry_size = 34;

  void append(const AbortedTxn& txn) { entries_.push_back(txn); }
  // Keeps the entries whose marker lies below `offset`.
  void truncate_to(Offset offset);
  void clear() { entries_.clear(); }

  enum class Search : std::uint8_t { complete, goes_on };
  // Adds what a reader of [fetch_offset, upper_bound) must filter. `goes_on`: later segments may hold more.
  Search collect(Offset fetch_offset, Offset upper_bound, std::vector<AbortedTxn>& found) const;

  const std::vector<AbortedTxn>& entries() const { return entries_; }
  std::vector<std::uint8_t> encode() const;
  bool decode(ByteView file);

 private:
  std::vector<AbortedTxn> entries_;
};

}  // namespace highwater::engine
