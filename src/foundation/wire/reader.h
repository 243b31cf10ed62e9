// Reads Kafka's wire primitives from borrowed bytes. Failure is sticky: after the first error every read gives zero or
// empty, ok() is false and error() is one static text, so a decoder may read on and ask once at the end.
// Never reads past the end; a declared length or count is held against the remaining bytes before anything is allocated
// (Kafka: ByteBufferAccessor, Readable, ByteUtils).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "foundation/base/bytes.h"
#include "foundation/base/uuid.h"
#include "foundation/wire/form.h"
#include "foundation/wire/values.h"

namespace highwater::wire {

// What one element of an array takes: on the wire at least, in memory exactly.
struct ElementSize {
  std::size_t on_wire;
  std::size_t in_memory;
};

// What the arrays of one message may take in memory: memory_base + memory_factor × bytes of the message. Real messages
// stay far below; a frame of millions of elements that are small on the wire only is refused.
inline constexpr std::size_t memory_base = 4u << 20;
inline constexpr std::size_t memory_factor = 8;

class Reader {
 public:
  explicit Reader(ByteView bytes)
      : cursor_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        memory_left_(memory_base + memory_factor * bytes.size()) {}

  bool ok() const { return error_ == nullptr; }
  const char* error() const { return error_ == nullptr ? "" : error_; }
  // The bytes may be such a message, but one that would take more memory than it may.
  bool over_budget() const { return over_budget_; }
  // The first reason stays; `reason` must be a string of static life.
  void fail(const char* reason);

  std::size_t remaining() const { return static_cast<std::size_t>(end_ - cursor_); }
  // What is left, without reading it.
  ByteView rest() const { return {cursor_, remaining()}; }

  std::int8_t i8() { return load<std::int8_t>(); }
  std::int16_t i16() { return load<std::int16_t>(); }
  std::int32_t i32() { return load<std::int32_t>(); }
  std::int64_t i64() { return load<std::int64_t>(); }
  std::uint8_t u8() { return load<std::uint8_t>(); }
  std::uint16_t u16() { return load<std::uint16_t>(); }
  std::uint32_t u32() { return load<std::uint32_t>(); }
  double f64() { return std::bit_cast<double>(load<std::uint64_t>()); }
  bool boolean() { return load<std::uint8_t>() != 0; }  // as in Java: any byte but 0 is true
  Uuid uuid();

  std::uint32_t uvarint() {
    if (cursor_ != end_ && *cursor_ < 0x80) return *cursor_++;
    return long_uvarint();
  }
  std::int32_t varint();   // zig-zag
  std::int64_t varlong();  // zig-zag

  ByteView bytes(std::size_t count);
  void skip(std::size_t count) { bytes(count); }

  Text text(Form form);
  std::optional<Text> nullable_text(Form form);
  Blob blob(Form form);
  std::optional<Blob> nullable_blob(Form form);
  Records records(Form form);
  std::optional<Records> nullable_records(Form form);

  // The number of elements that follow. Fails when they cannot fit into what remains of the bytes or of the memory that
  // the message may take; so the caller may make room for all at once.
  std::size_t count(Form form, ElementSize element);
  // nullopt for null, and after a failure.
  std::optional<std::size_t> nullable_count(Form form, ElementSize element);
  // The marker byte before a nullable struct.
  bool present();

  // A tagged section of which nothing is known.
  void skip_tags();

 private:
  friend class TagCursor;

  template <class T>
  T load() {
    if (remaining() < sizeof(T)) {
      fail("ends inside a number");
      return 0;
    }
    T value;
    std::memcpy(&value, cursor_, sizeof(T));
    cursor_ += sizeof(T);
    if constexpr (sizeof(T) > 1) value = std::byteswap(value);
    return value;
  }
  std::uint32_t long_uvarint();
  // Length of a string or of bytes, -1 for null; checked against what remains.
  std::int64_t text_length(Form form);
  std::int64_t blob_length(Form form);
  std::int64_t checked_count(Form form, ElementSize element);

  const std::uint8_t* cursor_;
  const std::uint8_t* end_;
  std::size_t memory_left_;
  const char* error_ = nullptr;
  bool over_budget_ = false;
};

// Walks a tagged section; tags must ascend without duplicates, and each known field must fill exactly the size it
// declares. Usage: TagCursor tags(reader); while (tags.next()) switch (tags.tag()) { case 0: read from tags.field();
// ... default: break; }
class TagCursor {
 public:
  explicit TagCursor(Reader& reader) : reader_(reader), left_(reader.uvarint()) {}

  // Moves to the next field; false at the end and after a failure.
  bool next();
  std::uint32_t tag() const { return tag_; }
  // The bytes of this field only.
  Reader& field() { return field_; }
  // Call after a known field was read from field().
  void finish_field();

 private:
  Reader& reader_;
  Reader field_{ByteView{}};
  std::uint32_t left_;
  std::uint32_t tag_ = 0;
  bool first_ = true;
};

}  // namespace highwater::wire
