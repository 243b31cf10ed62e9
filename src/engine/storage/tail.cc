#include "engine/storage/tail.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "foundation/base/check.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

namespace {

constexpr std::size_t smallest_chunk = 4096;
constexpr std::size_t largest_chunk = 128 << 10;  // unless one batch is larger
constexpr std::size_t spare_chunks_max = 32;

}  // namespace

Slice TailMemory::take(std::size_t capacity) {
  used_ += capacity;
  if (capacity == largest_chunk && !spare_.empty()) {
    Slice chunk = std::move(spare_.back());
    spare_.pop_back();
    return chunk;
  }
  return Slice::allocate(capacity);
}

void TailMemory::give(Slice chunk) {
  used_ -= chunk.size();
  if (chunk.size() == largest_chunk && spare_.size() < spare_chunks_max &&
      (chunk.sole_owner() || HW_PLANTED("reused_buffer")))
    spare_.push_back(std::move(chunk));
}

void TailMemory::appended(Tail& tail) {
  if (newest_ != &tail) {
    forget(tail);
    tail.older_ = newest_;
    (newest_ == nullptr ? oldest_ : newest_->newer_) = &tail;
    newest_ = &tail;
    tail.listed_ = true;
  }
  while (tail.bytes_ > per_log_ && tail.drop_oldest_written()) {
  }
  for (Tail* at = oldest_; at != nullptr && used_ > limit_;) {
    Tail* next = at->newer_;
    if (!at->drop_oldest_written()) at = next;
  }
}

void TailMemory::forget(Tail& tail) {
  if (!tail.listed_) return;
  (tail.older_ == nullptr ? oldest_ : tail.older_->newer_) = tail.newer_;
  (tail.newer_ == nullptr ? newest_ : tail.newer_->older_) = tail.older_;
  tail.older_ = tail.newer_ = nullptr;
  tail.listed_ = false;
}

Tail::~Tail() { clear(); }

void Tail::add_chunk(std::size_t needed) {
  const std::size_t grown = chunks_.empty() ? smallest_chunk : std::min(chunks_.back().block.size() * 2, largest_chunk);
  const std::size_t capacity = std::max(needed, grown);
  chunks_.push_back({memory_.take(capacity)});
  bytes_ += capacity;
}

Tail::Place Tail::append(ByteView batch, Offset base, Offset last) {
  HW_CHECK(batches_.empty() || base > batches_.back().last);
  if (chunks_.empty() || chunks_.back().block.size() - chunks_.back().used < batch.size()) add_chunk(batch.size());
  Chunk& chunk = chunks_.back();
  const std::size_t start = chunk.used;
  std::memcpy(chunk.block.writable().data() + start, batch.data(), batch.size());
  chunk.used += batch.size();
  ++chunk.batches;
  batches_.push_back({base, last, first_chunk_ + chunks_.size() - 1, static_cast<std::uint32_t>(start),
                      static_cast<std::uint32_t>(batch.size())});
  memory_.appended(*this);
  return {chunk.block, start, batch.size()};
}

std::optional<LogRead> Tail::read(const ReadLimits& limits) const {
  if (batches_.empty() || limits.from < batches_.front().base) return std::nullopt;
  auto at = std::ranges::lower_bound(batches_, limits.from, {}, &Batch::last);
  LogRead found;
  found.next_offset = limits.from;
  for (; at != batches_.end() && at->base < limits.upper; ++at) {
    const bool first = found.bytes == 0;
    const bool fits = found.bytes + at->length <= limits.max_bytes;
    if (!fits && !(first && limits.first == ReadLimits::FirstBatch::whole)) break;
    const Slice& block = chunk_of(*at).block;
    // Batches that lie side by side leave as one slice.
    if (!first && found.slices.back().data() + found.slices.back().size() == block.data() + at->start) {
      const Slice& before = found.slices.back();
      const auto start = static_cast<std::size_t>(before.data() - block.data());
      found.slices.back() = block.part(start, before.size() + at->length);
    } else {
      found.slices.push_back(block.part(at->start, at->length));
    }
    found.bytes += at->length;
    found.next_offset = at->last + 1;
  }
  return found;
}

bool Tail::drop_oldest_written() {
  if (chunks_.size() < 2) return false;  // the last one is being filled
  const Chunk& oldest = chunks_.front();
  HW_CHECK(oldest.batches != 0 && batches_.size() >= oldest.batches);
  if (batches_[oldest.batches - 1].last >= written_) return false;
  batches_.erase(batches_.begin(), batches_.begin() + static_cast<std::ptrdiff_t>(oldest.batches));
  bytes_ -= oldest.block.size();
  memory_.give(std::move(chunks_.front().block));
  chunks_.pop_front();
  ++first_chunk_;
  return true;
}

void Tail::truncate_to(Offset end) {
  // Bytes that readers may still hold are never written again: the rest of the chunk is given up with them.
  while (!batches_.empty() && batches_.back().last >= end) {
    batches_.pop_back();
    Chunk& chunk = chunks_.back();
    chunk.used = chunk.block.size();
    if (--chunk.batches != 0) continue;
    bytes_ -= chunk.block.size();
    memory_.give(std::move(chunk.block));
    chunks_.pop_back();
  }
  written_ = std::min(written_, end);
}

void Tail::clear() {
  for (Chunk& chunk : chunks_) memory_.give(std::move(chunk.block));
  first_chunk_ += chunks_.size();
  chunks_.clear();
  batches_.clear();
  bytes_ = 0;
  memory_.forget(*this);
}

}  // namespace highwater::engine
