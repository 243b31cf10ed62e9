// Counted, immutable-once-shared memory. A Block is one allocation; a Slice is a part of it that keeps it alive.
// Slices may travel between cores, so the count is atomic; the bytes may be written only while one owner knows the
// block.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "foundation/base/bytes.h"

namespace highwater {

class Block {
 public:
  // Never returns null: running out of memory ends the process. The bytes are not initialised.
  static Block* allocate(std::size_t size);

  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  std::size_t size() const { return size_; }
  bool sole_owner() const { return owners_.load(std::memory_order_acquire) == 1; }
  void retain() { owners_.fetch_add(1, std::memory_order_relaxed); }
  void release();

 private:
  explicit Block(std::size_t size) : size_(size) {}

  std::size_t size_;
  std::atomic<std::uint32_t> owners_{1};
};

class Slice {
 public:
  Slice() = default;
  static Slice allocate(std::size_t size);
  static Slice copy_of(ByteView bytes);

  Slice(const Slice& other) : block_(other.block_), view_(other.view_) {
    if (block_ != nullptr) block_->retain();
  }
  Slice(Slice&& other) noexcept : block_(std::exchange(other.block_, nullptr)), view_(std::exchange(other.view_, {})) {}
  Slice& operator=(Slice other) noexcept {
    std::swap(block_, other.block_);
    std::swap(view_, other.view_);
    return *this;
  }
  ~Slice() {
    if (block_ != nullptr) block_->release();
  }

  ByteView view() const { return view_; }
  // Only for the one who filled the block and has not handed it on yet.
  MutableBytes writable() { return {const_cast<std::uint8_t*>(view_.data()), view_.size()}; }
  const std::uint8_t* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  // True when no other slice shares the block, so that its memory may be filled anew.
  bool sole_owner() const { return block_ != nullptr && block_->sole_owner(); }
  // The part from `offset` on, `length` bytes long; both must lie inside.
  Slice part(std::size_t offset, std::size_t length) const;

 private:
  Slice(Block* block, ByteView view) : block_(block), view_(view) {}

  Block* block_ = nullptr;
  ByteView view_;
};

}  // namespace highwater
