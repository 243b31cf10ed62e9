#include "foundation/wire/reader.h"

namespace highwater::wire {

void Reader::fail(const char* reason) {
  if (error_ == nullptr) error_ = reason;
  cursor_ = end_;
}

Uuid Reader::uuid() {
  Uuid id;
  const ByteView raw = bytes(id.bytes.size());
  if (!raw.empty()) std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

std::uint32_t Reader::long_uvarint() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (cursor_ == end_) {
      fail("ends inside a varint");
      return 0;
    }
    const std::uint8_t byte = *cursor_++;
    value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("varint of more than 5 bytes");
  return 0;
}

std::int32_t Reader::varint() {
  const std::uint32_t raw = uvarint();
  return static_cast<std::int32_t>((raw >> 1) ^ (0 - (raw & 1)));
}

std::int64_t Reader::varlong() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (cursor_ == end_) {
      fail("ends inside a varlong");
      return 0;
    }
    const std::uint8_t byte = *cursor_++;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
  }
  fail("varlong of more than 10 bytes");
  return 0;
}

ByteView Reader::bytes(std::size_t count) {
  if (remaining() < count) {
    fail("length beyond the end");
    return {};
  }
  const ByteView view{cursor_, count};
  cursor_ += count;
  return view;
}

std::int64_t Reader::text_length(Form form) {
  const std::int64_t length = form == Form::compact ? static_cast<std::int64_t>(uvarint()) - 1 : i16();
  if (length < -1) fail("negative string length");
  if (length > static_cast<std::int64_t>(text_size_max)) fail("string longer than 32767 bytes");
  if (length > static_cast<std::int64_t>(remaining())) fail("string beyond the end");
  return ok() ? length : -1;
}

std::int64_t Reader::blob_length(Form form) {
  const std::int64_t length = form == Form::compact ? static_cast<std::int64_t>(uvarint()) - 1 : i32();
  if (length < -1) fail("negative bytes length");
  if (length > static_cast<std::int64_t>(remaining())) fail("bytes beyond the end");
  return ok() ? length : -1;
}

std::optional<Text> Reader::nullable_text(Form form) {
  const std::int64_t length = text_length(form);
  if (length < 0) return std::nullopt;
  return Text::borrow(as_text(bytes(static_cast<std::size_t>(length))));
}

Text Reader::text(Form form) {
  const std::int64_t length = text_length(form);
  if (length < 0) {
    fail("null where a string must be");
    return {};
  }
  return Text::borrow(as_text(bytes(static_cast<std::size_t>(length))));
}

std::optional<Blob> Reader::nullable_blob(Form form) {
  const std::int64_t length = blob_length(form);
  if (length < 0) return std::nullopt;
  return Blob::borrow(bytes(static_cast<std::size_t>(length)));
}

Blob Reader::blob(Form form) {
  const std::int64_t length = blob_length(form);
  if (length < 0) {
    fail("null where bytes must be");
    return {};
  }
  return Blob::borrow(bytes(static_cast<std::size_t>(length)));
}

std::optional<Records> Reader::nullable_records(Form form) {
  const std::int64_t length = blob_length(form);
  if (length < 0) return std::nullopt;
  return Records::borrow(bytes(static_cast<std::size_t>(length)));
}

Records Reader::records(Form form) {
  const std::int64_t length = blob_length(form);
  if (length < 0) {
    fail("null where records must be");
    return {};
  }
  return Records::borrow(bytes(static_cast<std::size_t>(length)));
}

std::int64_t Reader::checked_count(Form form, ElementSize element) {
  const std::int64_t count = form == Form::compact ? static_cast<std::int64_t>(uvarint()) - 1 : i32();
  if (count < -1) fail("negative array length");
  if (count <= 0) return ok() ? count : -1;
  const auto elements = static_cast<std::size_t>(count);
  if (elements > remaining() / element.on_wire) {
    fail("array beyond the end");
  } else if (elements * element.in_memory > memory_left_) {
    over_budget_ = ok();
    fail("arrays take too much memory");
  } else {
    memory_left_ -= elements * element.in_memory;
  }
  return ok() ? count : -1;
}

std::optional<std::size_t> Reader::nullable_count(Form form, ElementSize element) {
  const std::int64_t count = checked_count(form, element);
  if (count < 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

std::size_t Reader::count(Form form, ElementSize element) {
  const std::int64_t count = checked_count(form, element);
  if (count < 0) {
    fail("null where an array must be");
    return 0;
  }
  return static_cast<std::size_t>(count);
}

bool Reader::present() { return i8() >= 0; }

void Reader::skip_tags() {
  TagCursor tags(*this);
  while (tags.next()) {
  }
}

bool TagCursor::next() {
  if (left_ == 0 || !reader_.ok()) return false;
  --left_;
  const std::uint32_t tag = reader_.uvarint();
  const std::uint32_t size = reader_.uvarint();
  if (!first_ && tag <= tag_) reader_.fail("tagged fields do not ascend");
  first_ = false;
  tag_ = tag;
  field_ = Reader(reader_.bytes(size));
  field_.memory_left_ = reader_.memory_left_;
  return reader_.ok();
}

void TagCursor::finish_field() {
  reader_.memory_left_ = field_.memory_left_;
  if (!field_.ok()) {
    reader_.fail(field_.error());
  } else if (field_.remaining() != 0) {
    reader_.fail("tagged field is shorter than its size");
  }
}

}  // namespace highwater::wire
