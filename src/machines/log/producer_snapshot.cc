#include "machines/log/producer_snapshot.h"

#include <utility>

#include "foundation/base/check.h"
#include "foundation/crypto/crc32c.h"
#include "protocol/records/big_endian.h"

namespace highwater::log {
namespace {

using records::load_be;
using records::store_be;

constexpr std::int16_t version = 1;
constexpr std::size_t crc_at = 2;
constexpr std::size_t count_at = 6;
constexpr std::size_t entries_at = 10;

// Positions inside an entry.
constexpr std::size_t producer_id_at = 0;
constexpr std::size_t epoch_at = 8;
constexpr std::size_t last_sequence_at = 10;
constexpr std::size_t last_offset_at = 14;
constexpr std::size_t offset_delta_at = 22;
constexpr std::size_t timestamp_at = 26;
constexpr std::size_t coordinator_epoch_at = 34;
constexpr std::size_t txn_first_offset_at = 38;
constexpr std::size_t entry_size = 46;
static_assert(txn_first_offset_at + sizeof(std::int64_t) == entry_size);

void encode_entry(std::uint8_t* to, ProducerId producer, const ProducerEntry& entry) {
  store_be(to + producer_id_at, producer);
  store_be(to + epoch_at, entry.epoch);
  store_be(to + last_sequence_at, entry.last_sequence());
  store_be(to + last_offset_at, entry.last_offset());
  store_be(to + offset_delta_at, entry.last_offset_delta());
  store_be(to + timestamp_at, entry.last_timestamp);
  store_be(to + coordinator_epoch_at, entry.coordinator_epoch);
  store_be(to + txn_first_offset_at, entry.txn_first_offset);
}

ProducerEntry decode_entry(const std::uint8_t* from) {
  ProducerEntry entry;
  entry.epoch = load_be<std::int16_t>(from + epoch_at);
  entry.coordinator_epoch = load_be<std::int32_t>(from + coordinator_epoch_at);
  entry.last_timestamp = load_be<std::int64_t>(from + timestamp_at);
  const auto txn_first_offset = load_be<std::int64_t>(from + txn_first_offset_at);
  entry.txn_first_offset = txn_first_offset >= 0 ? txn_first_offset : no_offset;
  const auto last_offset = load_be<std::int64_t>(from + last_offset_at);
  if (last_offset >= 0) {
    entry.remember({.last_sequence = load_be<std::int32_t>(from + last_sequence_at),
                    .offset_delta = load_be<std::int32_t>(from + offset_delta_at),
                    .last_offset = last_offset,
                    .timestamp = entry.last_timestamp});
  }
  return entry;
}

}  // namespace

std::vector<std::uint8_t> encode_snapshot(const ProducerTable& table) {
  const auto producers = table.sorted();
  std::vector<std::uint8_t> content(entries_at + producers.size() * entry_size);
  store_be(content.data(), version);
  store_be(content.data() + count_at, static_cast<std::int32_t>(producers.size()));
  std::uint8_t* to = content.data() + entries_at;
  for (const auto& [producer, entry] : producers) {
    encode_entry(to, producer, entry);
    to += entry_size;
  }
  store_be(content.data() + crc_at, crypto::crc32c(ByteView(content).subspan(count_at)));
  return content;
}

SnapshotDraft::SnapshotDraft(ProducerTable& table)
    : content_(Slice::allocate(entries_at + table.size() * entry_size)), filled_(entries_at) {
  std::uint8_t* const head = content_.writable().data();
  store_be(head, version);
  store_be(head + count_at, static_cast<std::int32_t>(table.size()));
  checksum_ = crypto::crc32c({head + count_at, entries_at - count_at});
  table.begin_walk();
}

bool SnapshotDraft::step(ProducerTable& table, std::size_t count_max) {
  const auto some = table.take_walked(count_max);
  const std::size_t begin = filled_;
  for (const auto& [producer, entry] : some) {
    HW_CHECK(filled_ + entry_size <= content_.size());
    encode_entry(content_.writable().data() + filled_, producer, entry);
    filled_ += entry_size;
  }
  checksum_ = crypto::crc32c(content_.view().subspan(begin, filled_ - begin), checksum_);
  return !some.empty();
}

Slice SnapshotDraft::finish() {
  HW_CHECK(filled_ == content_.size());
  store_be(content_.writable().data() + crc_at, checksum_);
  return std::move(content_);
}

Result<void, SnapshotError> load_snapshot(ByteView content, Offset end_offset, WallTime now, std::int64_t expiration_ms,
                                          ProducerTable& into) {
  if (content.size() < entries_at) return std::unexpected(SnapshotError::too_short);
  if (load_be<std::int16_t>(content.data()) != version) return std::unexpected(SnapshotError::unknown_version);
  if (load_be<std::uint32_t>(content.data() + crc_at) != crypto::crc32c(content.subspan(count_at))) {
    return std::unexpected(SnapshotError::bad_checksum);
  }
  const auto count = load_be<std::int32_t>(content.data() + count_at);
  const ByteView entries = content.subspan(entries_at);
  if (count < 0 || static_cast<std::size_t>(count) > entries.size() / entry_size) {
    return std::unexpected(SnapshotError::bad_count);
  }
  if (static_cast<std::size_t>(count) > producers_max) return std::unexpected(SnapshotError::too_many_producers);
  into.reset(end_offset);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::uint8_t* const from = entries.data() + i * entry_size;
    const ProducerEntry entry = decode_entry(from);
    if (entry.expires(now, expiration_ms)) continue;
    into.load(load_be<std::int64_t>(from + producer_id_at), entry);
  }
  return {};
}

}  // namespace highwater::log
