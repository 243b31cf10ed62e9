// Values of message fields whose bytes may live elsewhere.
// Blob and Text either borrow (the frame that was decoded must outlive them) or own a private copy; copying a borrowed
// one stays borrowed, copying an owning one copies the bytes. A decoder always borrows. Anything kept longer than its
// frame takes `owned()`. Records are bytes of whole record batches: borrowed, or counted slices that travel by
// reference.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/file_part.h"
#include "foundation/base/slice.h"

namespace highwater::wire {

class Blob {
 public:
  Blob() = default;
  explicit Blob(ByteView bytes) : Blob(copy_of(bytes)) {}
  static Blob borrow(ByteView bytes) { return {bytes.data(), bytes.size(), Holding::borrowed}; }
  static Blob copy_of(ByteView bytes);

  Blob(const Blob& other);
  Blob(Blob&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), holding_(other.holding_) {
    other.holding_ = Holding::borrowed;
  }
  Blob& operator=(Blob other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(holding_, other.holding_);
    return *this;
  }
  ~Blob() {
    if (holding_ == Holding::owned) release();
  }

  ByteView view() const { return {data_, size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Blob owned() const { return copy_of(view()); }

  friend bool operator==(const Blob& left, const Blob& right);

 private:
  enum class Holding : std::uint8_t { borrowed, owned };
  Blob(const std::uint8_t* data, std::size_t size, Holding holding)
      : data_(data), size_(static_cast<std::uint32_t>(size)), holding_(holding) {}
  void release();

  const std::uint8_t* data_ = nullptr;
  std::uint32_t size_ = 0;  // Kafka's lengths are signed 32 bit
  Holding holding_ = Holding::borrowed;
};

// Bytes that Kafka calls a string. Not checked to be UTF-8: Kafka's own servers do not refuse what is not.
class Text {
 public:
  Text() = default;
  // From C++ strings: an owned copy.
  Text(const char* text) : Text(std::string_view(text)) {}               // NOLINT: as std::string
  Text(std::string_view text) : blob_(Blob::copy_of(as_bytes(text))) {}  // NOLINT: as std::string
  Text(const std::string& text) : Text(std::string_view(text)) {}        // NOLINT: as std::string
  static Text borrow(std::string_view text) { return Text(Blob::borrow(as_bytes(text))); }

  std::string_view view() const { return as_text(blob_.view()); }
  std::string str() const { return std::string(view()); }
  std::size_t size() const { return blob_.size(); }
  bool empty() const { return blob_.empty(); }
  Text owned() const { return Text(blob_.owned()); }

  friend bool operator==(const Text& left, const Text& right) { return left.blob_ == right.blob_; }
  template <std::convertible_to<std::string_view> T>
  friend bool operator==(const Text& left, const T& right) {
    return left.view() == std::string_view(right);
  }
  friend std::strong_ordering operator<=>(const Text& left, const Text& right) { return left.view() <=> right.view(); }

 private:
  explicit Text(Blob blob) : blob_(std::move(blob)) {}

  Blob blob_;
};

class Records {
 public:
  Records() = default;
  explicit Records(Slice slice) { append(std::move(slice)); }
  explicit Records(std::vector<Slice> slices);
  static Records borrow(ByteView bytes);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // True when view() may be called: borrowed, empty, or one slice.
  bool contiguous() const { return slices_.size() <= 1 && file_.file == nullptr; }
  ByteView view() const;
  // Empty when borrowed.
  const std::vector<Slice>& slices() const { return slices_; }
  // Only for records that are not borrowed.
  void append(Slice slice);
  // Bytes of a file, behind whatever slices there are. Such records can be sent, but not looked at.
  void append(FilePart part);
  const FilePart& file() const { return file_; }

  // Equal bytes, however they are cut.
  friend bool operator==(const Records& left, const Records& right);

 private:
  ByteView borrowed_;
  std::vector<Slice> slices_;
  FilePart file_;
  std::size_t size_ = 0;
};

}  // namespace highwater::wire
