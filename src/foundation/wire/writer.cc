#include "foundation/wire/writer.h"

#include <algorithm>

#include "foundation/base/check.h"

namespace highwater::wire {

Writer::Writer(std::size_t capacity)
    : buffer_(Slice::allocate(std::max<std::size_t>(capacity, 16))),
      cursor_(buffer_.writable().data()),
      end_(cursor_ + buffer_.size()) {}

void Writer::grow(std::size_t count) {
  const std::size_t used = buffer_.data() == nullptr ? 0 : contiguous_size();
  Slice larger = Slice::allocate(std::max<std::size_t>({64, used * 2, used + count}));
  if (used > 0) std::memcpy(larger.writable().data(), buffer_.data(), used);
  buffer_ = std::move(larger);
  cursor_ = buffer_.writable().data() + used;
  end_ = buffer_.writable().data() + buffer_.size();
}

void Writer::long_uvarint(std::uint32_t value) {
  reserve(5);
  while (value >= 0x80) {
    *cursor_++ = static_cast<std::uint8_t>(value | 0x80);
    value >>= 7;
  }
  *cursor_++ = static_cast<std::uint8_t>(value);
}

void Writer::varint(std::int32_t value) {
  uvarint(static_cast<std::uint32_t>(value) << 1 ^ static_cast<std::uint32_t>(value >> 31));
}

void Writer::varlong(std::int64_t value) {
  reserve(10);
  std::uint64_t raw = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  while (raw >= 0x80) {
    *cursor_++ = static_cast<std::uint8_t>(raw | 0x80);
    raw >>= 7;
  }
  *cursor_++ = static_cast<std::uint8_t>(raw);
}

void Writer::bytes(ByteView view) {
  if (view.empty()) return;
  reserve(view.size());
  std::memcpy(cursor_, view.data(), view.size());
  cursor_ += view.size();
}

void Writer::slice(const Slice& slice) {
  if (slice.size() <= copied_slice_max) return bytes(slice.view());
  externals_.push_back({contiguous_size(), Piece(slice)});
  external_size_ += slice.size();
}

void Writer::file(const FilePart& part) {
  externals_.push_back({contiguous_size(), Piece(part)});
  external_size_ += part.length;
}

void Writer::text(const Text& value, Form form) {
  const std::size_t length = std::min(value.size(), text_size_max);
  if (form == Form::compact) {
    uvarint(static_cast<std::uint32_t>(length) + 1);
  } else {
    i16(static_cast<std::int16_t>(length));
  }
  bytes(as_bytes(value.view().substr(0, length)));
}

void Writer::text(const std::optional<Text>& value, Form form) {
  if (value) return text(*value, form);
  if (form == Form::compact) return uvarint(0);
  i16(-1);
}

void Writer::blob(const Blob& value, Form form) {
  count(value.size(), form);
  bytes(value.view());
}

void Writer::blob(const std::optional<Blob>& value, Form form) {
  if (value) return blob(*value, form);
  null_count(form);
}

void Writer::records(const Records& value, Form form) {
  count(value.size(), form);
  if (value.contiguous() && value.slices().empty()) return bytes(value.view());
  for (const Slice& part : value.slices()) slice(part);
  if (value.file().file != nullptr) file(value.file());
}

void Writer::records(const std::optional<Records>& value, Form form) {
  if (value) return records(*value, form);
  null_count(form);
}

void Writer::count(std::size_t elements, Form form) {
  HW_CHECK(elements <= INT32_MAX);
  if (form == Form::compact) return uvarint(static_cast<std::uint32_t>(elements) + 1);
  i32(static_cast<std::int32_t>(elements));
}

void Writer::null_count(Form form) {
  if (form == Form::compact) return uvarint(0);
  i32(-1);
}

void Writer::patch_i32(std::size_t contiguous_position, std::int32_t value) {
  HW_CHECK(contiguous_position + sizeof(value) <= contiguous_size());
  value = std::byteswap(value);
  std::memcpy(buffer_.writable().data() + contiguous_position, &value, sizeof(value));
}

std::vector<Piece> Writer::take_pieces() {
  std::vector<Piece> pieces;
  pieces.reserve(externals_.size() * 2 + 1);
  std::size_t position = 0;
  for (External& external : externals_) {
    if (external.position > position) pieces.emplace_back(buffer_.part(position, external.position - position));
    position = external.position;
    pieces.push_back(std::move(external.piece));
  }
  const std::size_t used = contiguous_size();
  if (used > position) pieces.emplace_back(buffer_.part(position, used - position));
  externals_.clear();
  external_size_ = 0;
  buffer_ = Slice();
  cursor_ = nullptr;
  end_ = nullptr;
  return pieces;
}

std::vector<Slice> Writer::take() {
  std::vector<Slice> slices;
  for (Piece& piece : take_pieces()) {
    HW_CHECK(piece.in_memory());
    slices.push_back(std::move(piece.bytes));
  }
  return slices;
}

std::vector<std::uint8_t> Writer::flatten() const {
  std::vector<std::uint8_t> all;
  all.reserve(size());
  const std::uint8_t* position = buffer_.data();
  for (const External& external : externals_) {
    all.insert(all.end(), position, buffer_.data() + external.position);
    position = buffer_.data() + external.position;
    HW_CHECK(external.piece.in_memory());
    const ByteView bytes = external.piece.bytes.view();
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  all.insert(all.end(), position, static_cast<const std::uint8_t*>(cursor_));
  return all;
}

}  // namespace highwater::wire
