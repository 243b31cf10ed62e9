// The sparse indexes of one segment, in memory: entries in order, appended at the end, written to their files by the
// segment. Entries hold 4-byte offsets relative to the segment's base, as in the files (OffsetIndex, TimeIndex).
//
//   .index      8 bytes: last offset of a batch - base, position of the batch's first byte
//   .timeindex 12 bytes: largest timestamp so far, last offset of the batch that holds it - base
//
// Not bound to I/O; one owner. A lookup is a binary search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"

namespace highwater::engine {

struct OffsetPosition {
  Offset offset = 0;
  std::uint32_t position = 0;

  bool operator==(const OffsetPosition&) const = default;
};

class OffsetIndex {
 public:
  static constexpr std::size_t entry_size = 8;

  explicit OffsetIndex(Offset base) : base_(base) {}

  // Entries whose offset does not rise are left out: Kafka refuses them, and they would find nothing new.
  void append(Offset offset, std::uint32_t position);
  // The last entry at or below `offset`; (base, 0) when there is none.
  OffsetPosition lookup(Offset offset) const;
  // The last entry whose batch begins at or before `position`; (base, 0) when there is none.
  OffsetPosition last_at_position(std::uint64_t position) const;
  // The first entry at or behind `position`.
  std::optional<OffsetPosition> first_at_position(std::uint32_t position) const;
  // Keeps the entries below `offset`.
  void truncate_to(Offset offset);
  void clear() { entries_ = {}; }

  std::size_t size() const { return entries_.size(); }
  std::size_t memory() const { return entries_.capacity() * sizeof(Entry); }
  OffsetPosition last() const;
  // The file's bytes from entry `first` on.
  std::vector<std::uint8_t> encode(std::size_t first) const;
  // False when the bytes are no index: not whole entries, offsets that do not rise, positions at or above `log_size`.
  // Zero-filled entries at the end (a preallocated file of a crashed Kafka) are left out.
  bool decode(ByteView file, std::uint64_t log_size);

 private:
  struct Entry {
    std::int32_t relative;
    std::uint32_t position;
  };
  Offset base_;
  std::vector<Entry> entries_;
};

struct TimestampOffset {
  std::int64_t timestamp = -1;
  Offset offset = 0;

  bool operator==(const TimestampOffset&) const = default;
};

class TimeIndex {
 public:
  static constexpr std::size_t entry_size = 12;

  explicit TimeIndex(Offset base) : base_(base) {}

  // Only a timestamp above the last one makes an entry.
  void maybe_append(TimestampOffset entry);
  // The last entry at or below `timestamp`; (-1, base) when there is none.
  TimestampOffset lookup(std::int64_t timestamp) const;
  void truncate_to(Offset offset);
  void clear() { entries_ = {}; }

  std::size_t size() const { return entries_.size(); }
  std::size_t memory() const { return entries_.capacity() * sizeof(Entry); }
  TimestampOffset last() const;
  std::vector<std::uint8_t> encode(std::size_t first) const;
  bool decode(ByteView file);

 private:
  struct Entry {
    std::int64_t timestamp;
    std::int32_t relative;
  };
  Offset base_;
  std::vector<Entry> entries_;
};

}  // namespace highwater::engine
