// Cuts the byte stream of one connection into frames: i32 size, then that many bytes. A frame comes out as a counted
// Slice. Memory follows the bytes that arrived, never the announced size (at most frame_growth_factor times as much).
// Owned by its connection; an idle one holds no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "foundation/base/slice.h"

namespace highwater::server {

class FrameBuffer {
 public:
  explicit FrameBuffer(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  // Where the next bytes go: memory of its own while a frame is begun or frames are large, else `scratch`, which nobody
  // else may hold.
  MutableBytes space(const Slice& scratch);
  // `count` bytes were put at the start of space(); call next() until it gives nothing, then settle().
  void filled(std::size_t count);
  // The next whole frame without its size; nothing when none is complete or the stream is broken. Out of the scratch it
  // is a part of that: whoever keeps it keeps the scratch.
  std::optional<Slice> next();
  bool in_scratch() const { return in_scratch_; }
  // Leaves the scratch: what belongs to a begun frame moves to memory of its own.
  void settle();

  // A size was negative or above the maximum; nothing can be read after that (Kafka: InvalidReceiveException).
  bool broken() const { return broken_; }
  std::int32_t broken_size() const { return broken_size_; }
  bool frame_begun() const { return end_ > begin_; }
  std::size_t memory() const { return block_.size(); }

 private:
  const std::uint8_t* data() const { return in_scratch_ ? scratch_.data() : block_.data(); }
  // What the begun frame needs in all, as far as it is known.
  std::size_t announced() const;
  void move_to_new_block();

  std::size_t frame_bytes_max_;
  Slice block_;
  Slice scratch_;
  std::size_t begin_ = 0;  // of what was not handed out, in the block or the scratch
  std::size_t end_ = 0;
  std::size_t trusted_ = 0;  // the largest of the last frames, capped
  bool in_scratch_ = false;
  bool broken_ = false;
  std::int32_t broken_size_ = 0;
};

}  // namespace highwater::server
