#include "server/network/frame_buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "foundation/base/check.h"
#include "server/network/limits.h"

namespace highwater::server {
namespace {

constexpr std::size_t size_field = 4;

std::int32_t load_size(const std::uint8_t* bytes) {
  std::int32_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return std::byteswap(value);
}

}  // namespace

MutableBytes FrameBuffer::space(const Slice& scratch) {
  HW_CHECK(!in_scratch_ && !broken_);
  if (!frame_begun() && trusted_ <= small_frame_bytes) {
    in_scratch_ = true;
    block_ = {};
    begin_ = end_ = 0;
    scratch_ = scratch;
    return scratch_.writable();
  }
  const std::size_t room = block_.size() - end_;
  const std::size_t missing = announced() > end_ - begin_ ? announced() - (end_ - begin_) : 0;
  // A frame that starts behind others and does not fit moves at once; one that has the block to itself fills it first.
  if (block_.empty() || room == 0 || (missing > room && begin_ > 0)) {
    move_to_new_block();
  }
  return block_.writable().subspan(end_);
}

void FrameBuffer::filled(std::size_t count) { end_ += count; }

std::optional<Slice> FrameBuffer::next() {
  if (broken_ || end_ - begin_ < size_field) return std::nullopt;
  const std::int32_t size = load_size(data() + begin_);
  if (size < 0 || static_cast<std::size_t>(size) > frame_bytes_max_) {
    broken_ = true;
    broken_size_ = size;
    return std::nullopt;
  }
  const auto length = static_cast<std::size_t>(size);
  if (end_ - begin_ - size_field < length) return std::nullopt;
  const std::size_t at = begin_ + size_field;
  begin_ = at + length;
  const std::size_t whole = length + size_field;
  trusted_ = std::min(std::max(whole, trusted_ - trusted_ / 8), trusted_frame_bytes_max);
  return (in_scratch_ ? scratch_ : block_).part(at, length);
}

void FrameBuffer::settle() {
  if (broken_ || !frame_begun()) {
    block_ = {};
    begin_ = end_ = 0;
  } else if (in_scratch_) {
    move_to_new_block();
  }
  in_scratch_ = false;
  scratch_ = {};
}

std::size_t FrameBuffer::announced() const {
  if (end_ - begin_ < size_field) return size_field;
  return static_cast<std::size_t>(load_size(data() + begin_)) + size_field;
}

void FrameBuffer::move_to_new_block() {
  const std::size_t have = end_ - begin_;
  // Room for several frames when they are small beside a block, so that one read takes many.
  const std::size_t proven =
      trusted_ <= small_frame_bytes ? frame_first_bytes : std::min(4 * trusted_, trusted_frame_bytes_max + size_field);
  const std::size_t allowed = std::max(have * frame_growth_factor, proven);
  const std::size_t wanted = std::max(announced(), proven);
  Slice block = Slice::allocate(std::max(std::min(wanted, allowed), have + 1));
  if (have > 0) std::memcpy(block.writable().data(), data() + begin_, have);
  block_ = std::move(block);
  begin_ = 0;
  end_ = have;
}

}  // namespace highwater::server
