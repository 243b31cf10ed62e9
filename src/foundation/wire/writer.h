// Writes Kafka's wire primitives. The result is an ordered list of slices: what was written here lies in one growing
// buffer, and record slices go out by reference, never copied unless they are small. One owner, one message; move only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/file_part.h"
#include "foundation/base/slice.h"
#include "foundation/base/uuid.h"
#include "foundation/wire/form.h"
#include "foundation/wire/values.h"

namespace highwater::wire {

class Writer {
 public:
  // Slices up to this size are copied: a piece of its own in the socket's list costs more.
  static constexpr std::size_t copied_slice_max = 512;

  Writer() : Writer(256) {}
  explicit Writer(std::size_t capacity);
  Writer(Writer&&) = default;
  Writer& operator=(Writer&&) = default;

  // All bytes so far, those by reference included.
  std::size_t size() const { return contiguous_size() + external_size_; }

  void i8(std::int8_t value) { store(value); }
  void i16(std::int16_t value) { store(value); }
  void i32(std::int32_t value) { store(value); }
  void i64(std::int64_t value) { store(value); }
  void u8(std::uint8_t value) { store(value); }
  void u16(std::uint16_t value) { store(value); }
  void u32(std::uint32_t value) { store(value); }
  void f64(double value) { store(std::bit_cast<std::uint64_t>(value)); }
  void boolean(bool value) { store(static_cast<std::uint8_t>(value)); }
  void uuid(const Uuid& id) { bytes(id.bytes); }

  void uvarint(std::uint32_t value) {
    if (value >= 0x80) return long_uvarint(value);
    store(static_cast<std::uint8_t>(value));
  }
  void varint(std::int32_t value);   // zig-zag
  void varlong(std::int64_t value);  // zig-zag

  void bytes(ByteView view);
  // By reference when longer than copied_slice_max.
  void slice(const Slice& slice);
  void file(const FilePart& part);

  // A string longer than text_size_max is cut there; size_of() measures the same.
  void text(const Text& value, Form form);
  void text(const std::optional<Text>& value, Form form);
  void blob(const Blob& value, Form form);
  void blob(const std::optional<Blob>& value, Form form);
  void records(const Records& value, Form form);
  void records(const std::optional<Records>& value, Form form);
  void count(std::size_t elements, Form form);
  void null_count(Form form);
  void marker(std::int8_t value) { i8(value); }

  // Overwrites four bytes written before, at a position of the contiguous part (a frame's size goes in last).
  void patch_i32(std::size_t contiguous_position, std::int32_t value);

  // The pieces in order. The writer is empty afterwards.
  std::vector<Piece> take_pieces();
  // The same of what holds no part of a file.
  std::vector<Slice> take();
  // All bytes in one copy, for tests and for those that need them in one run.
  std::vector<std::uint8_t> flatten() const;

 private:
  struct External {
    std::size_t position;  // in the contiguous part, before which the piece stands
    Piece piece;
  };

  std::size_t contiguous_size() const { return static_cast<std::size_t>(cursor_ - buffer_.data()); }
  void reserve(std::size_t count) {
    if (static_cast<std::size_t>(end_ - cursor_) < count) grow(count);
  }
  void grow(std::size_t count);
  void long_uvarint(std::uint32_t value);
  template <class T>
  void store(T value) {
    reserve(sizeof(T));
    if constexpr (sizeof(T) > 1) value = std::byteswap(value);
    std::memcpy(cursor_, &value, sizeof(T));
    cursor_ += sizeof(T);
  }

  Slice buffer_;
  std::uint8_t* cursor_ = nullptr;
  std::uint8_t* end_ = nullptr;
  std::vector<External> externals_;
  std::size_t external_size_ = 0;
};

}  // namespace highwater::wire
