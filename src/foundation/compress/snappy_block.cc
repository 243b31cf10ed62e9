#include "foundation/compress/snappy_block.h"

#include <snappy.h>

#include <algorithm>
#include <cstring>

namespace highwater::compress {
namespace {

// Blocks up to this size go to the library in one call. Java's and librdkafka's are usually far smaller.
constexpr std::size_t whole_block_max = std::size_t{128} << 10;
// History to begin with. The reference encoder never reaches back more than 64 KiB; others may (klauspost/compress).
constexpr std::size_t first_history = std::size_t{512} << 10;
// While a block is decoded again for a longer history, this much is done per call.
constexpr std::size_t replay_slice = std::size_t{256} << 10;
// A three-byte copy makes at most 64 bytes; a block that claims more than this cannot be honest.
constexpr std::uint64_t expansion_max = 22;

std::size_t little_endian(const std::uint8_t* from, std::size_t count) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= static_cast<std::size_t>(from[i]) << (8 * i);
  return value;
}

}  // namespace

Result<void, CompressError> SnappyBlock::open(ByteView block, std::uint64_t output_left) {
  std::uint64_t declared = 0;
  std::size_t preamble = 0;
  for (;; ++preamble) {
    if (preamble == block.size() || preamble == 5) return std::unexpected(CompressError::corrupt);
    declared |= static_cast<std::uint64_t>(block[preamble] & 0x7F) << (7 * preamble);
    if ((block[preamble] & 0x80) == 0) break;
  }
  ++preamble;
  if (declared > (block.size() - preamble) * expansion_max) return std::unexpected(CompressError::corrupt);
  if (declared > output_left) return std::unexpected(CompressError::output_too_large);

  declared_ = declared;
  delivered_ = 0;
  whole_ = declared <= whole_block_max;
  if (whole_) {
    small_.resize(declared);
    const auto* text = reinterpret_cast<const char*>(block.data());
    if (!snappy::RawUncompress(text, block.size(), reinterpret_cast<char*>(small_.data()))) {
      return std::unexpected(CompressError::corrupt);
    }
    return {};
  }
  block_ = block.subspan(preamble);
  ring_.reset(first_history);
  rewind();
  return {};
}

Result<std::size_t, CompressError> SnappyBlock::read(MutableBytes out) {
  if (whole_) {
    const std::size_t count = std::min<std::size_t>(out.size(), declared_ - delivered_);
    if (count != 0) std::memcpy(out.data(), small_.data() + delivered_, count);
    delivered_ += count;
    return count;
  }
  std::size_t got = 0;
  std::size_t work_left = out.size() + replay_slice;
  while (got < out.size() && work_left > 0 && !done()) {
    if (literal_left_ == 0 && copy_left_ == 0) {
      if (const auto parsed = parse_tag(); !parsed) return std::unexpected(parsed.error());
    }
    // Behind `delivered_` the caller has the bytes already: a longer history made us begin again.
    const bool replaying = ring_.written() < delivered_;
    const std::size_t room = replaying ? std::min<std::uint64_t>(work_left, delivered_ - ring_.written())
                                       : std::min(work_left, out.size() - got);
    std::uint8_t* const to = replaying ? nullptr : out.data() + got;
    std::size_t count = 0;
    if (literal_left_ != 0) {
      count = ring_.put(block_.subspan(cursor_, std::min(literal_left_, room)), to);
      literal_left_ -= count;
      cursor_ += count;
    } else {
      count = ring_.repeat(copy_distance_, std::min(copy_left_, room), to);
      copy_left_ -= count;
    }
    work_left -= count;
    if (!replaying) {
      got += count;
      delivered_ += count;
    }
  }
  if (done() && (cursor_ != block_.size() || literal_left_ != 0 || copy_left_ != 0)) {
    return std::unexpected(CompressError::corrupt);
  }
  return got;
}

Result<void, CompressError> SnappyBlock::parse_tag() {
  if (cursor_ == block_.size()) return std::unexpected(CompressError::corrupt);
  const unsigned tag = block_[cursor_++];
  const unsigned kind = tag & 3u;
  const std::size_t left = block_.size() - cursor_;
  std::size_t length = 0;
  std::size_t distance = 0;
  if (kind == 0) {
    length = tag >> 2;
    if (length >= 60) {
      const std::size_t extra = length - 59;
      if (left < extra) return std::unexpected(CompressError::corrupt);
      length = little_endian(&block_[cursor_], extra);
      cursor_ += extra;
    }
    ++length;
    if (block_.size() - cursor_ < length) return std::unexpected(CompressError::corrupt);
  } else {
    const std::size_t extra = kind == 1 ? 1 : kind == 2 ? 2 : 4;
    if (left < extra) return std::unexpected(CompressError::corrupt);
    distance = little_endian(&block_[cursor_], extra);
    cursor_ += extra;
    if (kind == 1) distance |= static_cast<std::size_t>(tag >> 5) << 8;
    length = kind == 1 ? ((tag >> 2) & 7u) + 4 : (tag >> 2) + 1;
    if (distance == 0 || distance > ring_.written()) return std::unexpected(CompressError::corrupt);
  }
  if (length > declared_ - ring_.written()) return std::unexpected(CompressError::corrupt);
  if (kind == 0) {
    literal_left_ = length;
    return {};
  }
  if (distance > ring_.capacity()) return reach_back(distance);
  copy_left_ = length;
  copy_distance_ = distance;
  return {};
}

Result<void, CompressError> SnappyBlock::reach_back(std::size_t distance) {
  if (distance > window_max) return std::unexpected(CompressError::window_too_large);
  ring_.reset(distance);
  rewind();
  return parse_tag();
}

void SnappyBlock::rewind() {
  cursor_ = 0;
  literal_left_ = 0;
  copy_left_ = 0;
}

std::size_t SnappyBlock::window_bytes() const { return ring_.capacity() > first_history ? ring_.capacity() : 0; }

}  // namespace highwater::compress
