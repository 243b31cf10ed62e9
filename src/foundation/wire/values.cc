#include "foundation/wire/values.h"

#include <algorithm>
#include <cstring>

#include "foundation/base/check.h"

namespace highwater::wire {

Blob Blob::copy_of(ByteView bytes) {
  if (bytes.empty()) return {};
  HW_CHECK(bytes.size() <= INT32_MAX);
  auto* copy = new std::uint8_t[bytes.size()];
  std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, bytes.size(), Holding::owned};
}

Blob::Blob(const Blob& other) : data_(other.data_), size_(other.size_) {
  if (other.holding_ == Holding::owned) *this = copy_of(other.view());
}

void Blob::release() { delete[] data_; }

bool operator==(const Blob& left, const Blob& right) { return std::ranges::equal(left.view(), right.view()); }

Records::Records(std::vector<Slice> slices) : slices_(std::move(slices)) {
  for (const Slice& slice : slices_) size_ += slice.size();
}

Records Records::borrow(ByteView bytes) {
  Records records;
  records.borrowed_ = bytes;
  records.size_ = bytes.size();
  return records;
}

ByteView Records::view() const {
  HW_CHECK(contiguous());
  return slices_.empty() ? borrowed_ : slices_.front().view();
}

void Records::append(Slice slice) {
  HW_CHECK(borrowed_.empty());
  if (slice.empty()) return;
  size_ += slice.size();
  slices_.push_back(std::move(slice));
}

void Records::append(FilePart part) {
  HW_CHECK(borrowed_.empty() && file_.file == nullptr);
  size_ += part.length;
  file_ = std::move(part);
}

namespace {

// Walks the pieces of records as if they were one run of bytes.
class PieceWalk {
 public:
  explicit PieceWalk(const Records& records) : records_(records) {
    HW_CHECK(records.file().file == nullptr);
    if (records.slices().empty()) rest_ = records.view();
  }
  // The unread part of the current piece; empty at the end.
  ByteView rest() {
    while (rest_.empty() && next_ < records_.slices().size()) rest_ = records_.slices()[next_++].view();
    return rest_;
  }
  void skip(std::size_t count) { rest_ = rest_.subspan(count); }

 private:
  const Records& records_;
  std::size_t next_ = 0;
  ByteView rest_;
};

}  // namespace

bool operator==(const Records& left, const Records& right) {
  if (left.size() != right.size()) return false;
  PieceWalk a(left);
  PieceWalk b(right);
  for (;;) {
    const std::size_t count = std::min(a.rest().size(), b.rest().size());
    if (count == 0) return true;
    if (std::memcmp(a.rest().data(), b.rest().data(), count) != 0) return false;
    a.skip(count);
    b.skip(count);
  }
}

}  // namespace highwater::wire
