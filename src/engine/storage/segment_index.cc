#include "engine/storage/segment_index.h"

#include <algorithm>

#include "protocol/records/big_endian.h"

namespace highwater::engine {

using records::load_be;
using records::store_be;

void OffsetIndex::append(Offset offset, std::uint32_t position) {
  const auto relative = static_cast<std::int32_t>(offset - base_);
  if (!entries_.empty() && relative <= entries_.back().relative) return;
  entries_.push_back({relative, position});
}

OffsetPosition OffsetIndex::lookup(Offset offset) const {
  const auto after =
      std::ranges::upper_bound(entries_, offset - base_, {}, [](const Entry& e) -> std::int64_t { return e.relative; });
  if (after == entries_.begin()) return {base_, 0};
  const Entry& entry = *(after - 1);
  return {base_ + entry.relative, entry.position};
}

OffsetPosition OffsetIndex::last_at_position(std::uint64_t position) const {
  const auto after = std::ranges::upper_bound(entries_, position, {}, &Entry::position);
  if (after == entries_.begin()) return {base_, 0};
  return {base_ + (after - 1)->relative, (after - 1)->position};
}

std::optional<OffsetPosition> OffsetIndex::first_at_position(std::uint32_t position) const {
  const auto found = std::ranges::lower_bound(entries_, position, {}, &Entry::position);
  if (found == entries_.end()) return std::nullopt;
  return OffsetPosition{base_ + found->relative, found->position};
}

void OffsetIndex::truncate_to(Offset offset) {
  const auto from =
      std::ranges::lower_bound(entries_, offset - base_, {}, [](const Entry& e) -> std::int64_t { return e.relative; });
  entries_.erase(from, entries_.end());
}

OffsetPosition OffsetIndex::last() const {
  if (entries_.empty()) return {base_, 0};
  return {base_ + entries_.back().relative, entries_.back().position};
}

std::vector<std::uint8_t> OffsetIndex::encode(std::size_t first) const {
  std::vector<std::uint8_t> bytes((entries_.size() - first) * entry_size);
  std::uint8_t* out = bytes.data();
  for (std::size_t i = first; i < entries_.size(); ++i, out += entry_size) {
    store_be(out, entries_[i].relative);
    store_be(out + 4, entries_[i].position);
  }
  return bytes;
}

bool OffsetIndex::decode(ByteView file, std::uint64_t log_size) {
  entries_.clear();
  if (file.size() % entry_size != 0) return false;
  entries_.reserve(file.size() / entry_size);
  for (std::size_t at = 0; at < file.size(); at += entry_size) {
    const Entry entry{load_be<std::int32_t>(file.data() + at), load_be<std::uint32_t>(file.data() + at + 4)};
    if (entry.relative == 0 && entry.position == 0 && !entries_.empty()) break;
    const bool rises =
        entries_.empty() || (entry.relative > entries_.back().relative && entry.position > entries_.back().position);
    if (entry.relative < 0 || entry.position >= std::max<std::uint64_t>(log_size, 1) || !rises) {
      entries_.clear();
      return false;
    }
    entries_.push_back(entry);
  }
  // One lone zero entry is either the first batch or the first of many empty ones; the scan from 0 finds it anyway.
  if (entries_.size() == 1 && entries_.front().relative == 0 && entries_.front().position == 0) entries_.clear();
  return true;
}

void TimeIndex::maybe_append(TimestampOffset entry) {
  if (entry.timestamp <= last().timestamp) return;
  entries_.push_back({entry.timestamp, static_cast<std::int32_t>(entry.offset - base_)});
}

TimestampOffset TimeIndex::lookup(std::int64_t timestamp) const {
  const auto after = std::ranges::upper_bound(entries_, timestamp, {}, &Entry::timestamp);
  if (after == entries_.begin()) return {-1, base_};
  const Entry& entry = *(after - 1);
  return {entry.timestamp, base_ + entry.relative};
}

void TimeIndex::truncate_to(Offset offset) {
  const auto from =
      std::ranges::lower_bound(entries_, offset - base_, {}, [](const Entry& e) -> std::int64_t { return e.relative; });
  entries_.erase(from, entries_.end());
}

TimestampOffset TimeIndex::last() const {
  if (entries_.empty()) return {-1, base_};
  return {entries_.back().timestamp, base_ + entries_.back().relative};
}

std::vector<std::uint8_t> TimeIndex::encode(std::size_t first) const {
  std::vector<std::uint8_t> bytes((entries_.size() - first) * entry_size);
  std::uint8_t* out = bytes.data();
  for (std::size_t i = first; i < entries_.size(); ++i, out += entry_size) {
    store_be(out, entries_[i].timestamp);
    store_be(out + 8, entries_[i].relative);
  }
  return bytes;
}

bool TimeIndex::decode(ByteView file) {
  entries_.clear();
  if (file.size() % entry_size != 0) return false;
  entries_.reserve(file.size() / entry_size);
  for (std::size_t at = 0; at < file.size(); at += entry_size) {
    const Entry entry{load_be<std::int64_t>(file.data() + at), load_be<std::int32_t>(file.data() + at + 8)};
    if (entry.timestamp == 0 && entry.relative == 0) break;
    const bool rises = entries_.empty() ||
                       (entry.timestamp >= entries_.back().timestamp && entry.relative >= entries_.back().relative);
    if (entry.relative < 0 || !rises) {
      entries_.clear();
      return false;
    }
    entries_.push_back(entry);
  }
  return true;
}

}  // namespace highwater::engine
