#include "foundation/base/slice.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "foundation/base/check.h"

namespace highwater {

Block* Block::allocate(std::size_t size) {
  void* memory = std::malloc(sizeof(Block) + size);
  HW_CHECK(memory != nullptr);
  return new (memory) Block(size);
}

void Block::release() {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~Block();
  std::free(this);
}

Slice Slice::allocate(std::size_t size) {
  Block* block = Block::allocate(size);
  return {block, {block->data(), size}};
}

Slice Slice::copy_of(ByteView bytes) {
  Slice copy = allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.writable().data(), bytes.data(), bytes.size());
  return copy;
}

Slice Slice::part(std::size_t offset, std::size_t length) const {
  HW_CHECK(offset <= view_.size() && length <= view_.size() - offset);
  if (block_ != nullptr) block_->retain();
  return {block_, view_.subspan(offset, length)};
}

}  // namespace highwater
