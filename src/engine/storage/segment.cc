#include "engine/storage/segment.h"

#include <algorithm>

#include "engine/storage/file_names.h"
#include "foundation/base/check.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

void IndexMemory::loaded(Segment& segment) {
  segment.counted_ = segment.offsets.memory() + segment.times.memory();
  used_ += segment.counted_;
  in_order_.push_back(&segment);
  while (used_ > limit_ && in_order_.size() > 1) in_order_.front()->drop_indexes();
}

void IndexMemory::forget(Segment& segment) {
  used_ -= segment.counted_;
  segment.counted_ = 0;
  std::erase(in_order_, &segment);
}

Segment::Segment(Deps deps, const std::string& directory, Offset base_offset, WallTime now)
    : base(base_offset),
      created(now),
      largest{-1, base_offset},
      log(deps.files, join_path(directory, offset_file_name(base_offset, suffix::log))),
      offsets(base_offset),
      times(base_offset),
      memory_(deps.indexes),
      directory_(directory) {}

Segment::~Segment() {
  if (evictable_) memory_.forget(*this);
}

std::string Segment::path(std::string_view suffix) const {
  return join_path(directory_, offset_file_name(base, suffix));
}

void Segment::add_indexes(std::vector<io::NewFile>& files) const {
  if (saved_ == Saved{offsets.size(), times.size(), aborted.entries().size()}) return;
  files.push_back({path(suffix::index), Slice::copy_of(offsets.encode(0))});
  files.push_back({path(suffix::time_index), Slice::copy_of(times.encode(0))});
  if (has_aborted_file()) files.push_back({path(suffix::txn_index), Slice::copy_of(aborted.encode())});
}

void Segment::note(const log::BatchFacts& batch, const SegmentRules& rules) {
  if (batch.max_timestamp > largest.timestamp) largest = {batch.max_timestamp, batch.last_offset};
  if (!first_timestamp.has_value()) first_timestamp = batch.max_timestamp;
  if (since_last_entry_ > rules.index_interval_bytes) {
    // The planted one is the entry of the batch behind: its own is lost.
    const std::uint64_t at = HW_PLANTED("lost_index_entry") ? size + batch.size_bytes : size;
    offsets.append(batch.last_offset, static_cast<std::uint32_t>(at));
    times.maybe_append(largest);
    since_last_entry_ = 0;
  }
  size += batch.size_bytes;
  since_last_entry_ += batch.size_bytes;
}

void Segment::truncate_to(Offset offset, std::uint64_t new_size) {
  offsets.truncate_to(offset);
  times.truncate_to(offset);
  aborted.truncate_to(offset);
  saved_.reset();
  size = new_size;
  written = std::min(written, new_size);
  synced = std::min(synced, new_size);
  since_last_entry_ = 0;
  if (new_size == 0) first_timestamp.reset();
}

void Segment::reset() {
  offsets.clear();
  times.clear();
  aborted.clear();
  saved_.reset();
  size = 0;
  since_last_entry_ = 0;
  first_timestamp.reset();
  largest = {-1, base};
}

bool Segment::offset_index_full(const SegmentRules& rules) const {
  return offsets.size() >= rules.index_bytes_max / OffsetIndex::entry_size;
}

bool Segment::time_index_full(const SegmentRules& rules) const {
  // One slot is kept for the entry that ends the index.
  return times.size() + 1 >= rules.index_bytes_max / TimeIndex::entry_size;
}

void Segment::indexes_are_loaded(Eviction eviction) {
  indexes_loaded_ = true;
  if (eviction == Eviction::never) {
    if (evictable_) memory_.forget(*this);
    evictable_ = false;
    return;
  }
  if (evictable_) return;
  evictable_ = true;
  memory_.loaded(*this);
}

void Segment::drop_indexes() {
  HW_CHECK(evictable_ && sealed);
  forget_indexes();
}

void Segment::forget_indexes() {
  if (evictable_) memory_.forget(*this);
  evictable_ = false;
  indexes_loaded_ = false;
  saved_.reset();
  offsets.clear();
  times.clear();
}

}  // namespace highwater::engine
