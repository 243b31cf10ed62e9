#include "engine/storage/txn_index.h"

#include "protocol/records/big_endian.h"

namespace highwater::engine {

using records::load_be;
using records::store_be;

void TxnIndex::truncate_to(Offset offset) {
  while (!entries_.empty() && entries_.back().last_offset >= offset) entries_.pop_back();
}

TxnIndex::Search TxnIndex::collect(Offset fetch_offset, Offset upper_bound, std::vector<AbortedTxn>& found) const {
  for (const AbortedTxn& txn : entries_) {
    if (txn.last_offset >= fetch_offset && txn.first_offset < upper_bound) found.push_back(txn);
    if (txn.last_stable_offset >= upper_bound) return Search::complete;
  }
  return Search::goes_on;
}

std::vector<std::uint8_t> TxnIndex::encode() const {
  std::vector<std::uint8_t> bytes(entries_.size() * entry_size);
  std::uint8_t* out = bytes.data();
  for (const AbortedTxn& txn : entries_) {
    store_be<std::int16_t>(out, 0);
    store_be(out + 2, txn.producer_id);
    store_be(out + 10, txn.first_offset);
    store_be(out + 18, txn.last_offset);
    store_be(out + 26, txn.last_stable_offset);
    out += entry_size;
  }
  return bytes;
}

bool TxnIndex::decode(ByteView file) {
  entries_.clear();
  if (file.size() % entry_size != 0) return false;
  for (std::size_t at = 0; at < file.size(); at += entry_size) {
    const std::uint8_t* in = file.data() + at;
    if (load_be<std::int16_t>(in) != 0) return false;
    entries_.push_back({load_be<std::int64_t>(in + 2), load_be<std::int64_t>(in + 10), load_be<std::int64_t>(in + 18),
                        load_be<std::int64_t>(in + 26)});
  }
  return true;
}

}  // namespace highwater::engine
