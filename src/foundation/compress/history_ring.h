// The last bytes that a decoder produced, for references back into them. For this room only: blocks that are too large
// to be handed to a library whole are decoded through it, in bounded memory.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "foundation/base/bytes.h"

namespace highwater::compress {

class HistoryRing {
 public:
  // Holds at least `size` bytes; forgets everything. Memory is kept when it is large enough.
  void reset(std::size_t size) {
    size = std::bit_ceil(size);
    if (size > ring_.size()) ring_ = std::vector<std::uint8_t>(size);
    written_ = 0;
  }
  void release() { ring_ = {}; }

  std::size_t capacity() const { return ring_.size(); }
  std::uint64_t written() const { return written_; }

  // Take at most bytes.size(); returns how many, which may be fewer.
  std::size_t put(ByteView bytes, std::uint8_t* out) {
    const std::size_t at = position();
    const std::size_t count = std::min(bytes.size(), ring_.size() - at);
    std::memcpy(&ring_[at], bytes.data(), count);
    return done(at, count, out);
  }

  // Repeats what was written `distance` bytes ago; 1 <= distance <= min(capacity, written). Returns how many bytes,
  // which may be fewer than `count`.
  std::size_t repeat(std::size_t distance, std::size_t count, std::uint8_t* out) {
    const std::size_t at = position();
    const std::size_t from = (at - distance) & (ring_.size() - 1);
    if (from >= at) {
      count = std::min(count, ring_.size() - from);
      std::memmove(&ring_[at], &ring_[from], count);
      return done(at, count, out);
    }
    // What was just written may be read again: a short distance repeats itself, doubling each time.
    count = std::min(count, ring_.size() - at);
    for (std::size_t copied = 0; copied < count;) {
      const std::size_t piece = std::min(count - copied, distance + copied);
      std::memcpy(&ring_[at + copied], &ring_[from], piece);
      copied += piece;
    }
    return done(at, count, out);
  }

 private:
  std::size_t position() const { return static_cast<std::size_t>(written_) & (ring_.size() - 1); }
  std::size_t done(std::size_t at, std::size_t count, std::uint8_t* out) {
    if (out != nullptr) std::memcpy(out, &ring_[at], count);
    written_ += count;
    return count;
  }

  std::vector<std::uint8_t> ring_;
  std::uint64_t written_ = 0;
};

}  // namespace highwater::compress
