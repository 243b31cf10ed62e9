#include "protocol/records/record_reader.h"

#include <algorithm>
#include <cstring>

#include "protocol/records/codecs.h"
#include "protocol/records/record_layout.h"
#include "protocol/records/varint.h"

namespace highwater::records {
namespace {

constexpr std::size_t first_buffer = std::size_t{16} << 10;

RecordError from_codec(compress::CompressError error) {
  switch (error) {
    case compress::CompressError::output_too_large:
    case compress::CompressError::window_too_large:
      return RecordError::too_large;
    case compress::CompressError::corrupt:
    case compress::CompressError::truncated:
    case compress::CompressError::unsupported:
      return RecordError::undecodable;
  }
  return RecordError::undecodable;
}

}  // namespace

RecordReader::RecordReader(BatchView batch, const ReadLimits& limits, compress::ContextShelf* shelf)
    : batch_(batch), limits_(limits), rest_(batch.records()), left_(batch.record_count()) {
  if (left_ > 0 && batch.is_compressed() && batch.has_known_codec()) {
    inflate_ = compress::make_decompressor(compressed_with(batch.codec()), batch.records(), limits.output_max, shelf);
  }
}

Result<std::optional<Record>, RecordError> RecordReader::next() {
  if (error_) return std::unexpected(*error_);
  const auto got = read();
  if (!got) error_ = got.error();
  return got;
}

Result<std::optional<Record>, RecordError> RecordReader::read() {
  if (left_ < 0) return std::unexpected(RecordError::malformed);
  if (!batch_.has_known_codec()) return std::unexpected(RecordError::unknown_codec);
  if (left_ == 0) {
    if (const auto ended = check_end(); !ended) return std::unexpected(ended.error());
    return std::nullopt;
  }
  const auto body = inflate_ != nullptr ? compressed_body() : plain_body();
  if (!body) return std::unexpected(body.error());
  RecordLayout layout;
  if (!parse_record(*body, layout)) return std::unexpected(RecordError::malformed);
  --left_;
  return Record{.offset = batch_.base_offset() + layout.offset_delta,
                .timestamp = record_timestamp(batch_, layout.timestamp_delta),
                .key = layout.key,
                .value = layout.value,
                .header_count = layout.header_count,
                .headers = layout.headers};
}

Result<ByteView, RecordError> RecordReader::plain_body() {
  std::int32_t length = 0;
  const std::uint8_t* const end = rest_.data() + rest_.size();
  const std::uint8_t* const from = read_varint(rest_.data(), end, length);
  if (from == nullptr || length < 0 || end - from < length) return std::unexpected(RecordError::malformed);
  const ByteView body(from, static_cast<std::size_t>(length));
  rest_ = {from + length, end};
  return body;
}

Result<ByteView, RecordError> RecordReader::compressed_body() {
  const auto prefix = fill(varint_size_max);
  if (!prefix) return std::unexpected(prefix.error());
  std::int32_t length = 0;
  const std::uint8_t* const from = buffer_.data() + begin_;
  const std::uint8_t* const after = read_varint(from, from + *prefix, length);
  if (after == nullptr || length < 0) return std::unexpected(RecordError::malformed);
  const auto size = static_cast<std::size_t>(length);
  if (size > limits_.record_max) return std::unexpected(RecordError::too_large);
  begin_ += static_cast<std::size_t>(after - from);
  const auto held = fill(size);
  if (!held) return std::unexpected(held.error());
  if (*held < size) return std::unexpected(RecordError::malformed);
  const ByteView body(buffer_.data() + begin_, size);
  begin_ += size;
  return body;
}

// Tries to hold `wanted` decompressed bytes from begin_ on; the answer is how many there are. The buffer grows with
// what arrives, not with what was declared.
Result<std::size_t, RecordError> RecordReader::fill(std::size_t wanted) {
  while (end_ - begin_ < wanted && !inflate_->finished()) {
    if (end_ == buffer_.size()) {
      if (begin_ != end_) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      if (end_ > buffer_.size() / 2 || buffer_.empty()) buffer_.resize(std::max(first_buffer, buffer_.size() * 2));
    }
    const auto got = inflate_->read({buffer_.data() + end_, buffer_.size() - end_});
    if (!got) return std::unexpected(from_codec(got.error()));
    end_ += *got;
  }
  return end_ - begin_;
}

Result<void, RecordError> RecordReader::check_end() {
  if (batch_.record_count() == 0) return {};  // emptied by compaction
  if (inflate_ != nullptr) {
    const auto held = fill(1);
    if (!held) return std::unexpected(held.error());
    if (*held == 0) return {};
  } else if (rest_.empty()) {
    return {};
  }
  return std::unexpected(RecordError::records_remain);
}

std::optional<Header> HeaderReader::next() {
  if (left_ == 0) return std::nullopt;
  --left_;
  const std::uint8_t* const end = rest_.data() + rest_.size();
  Nullable key;
  Header header;
  const std::uint8_t* from = read_sized(rest_.data(), end, key);
  if (from != nullptr) from = read_sized(from, end, header.value);
  if (from == nullptr) {
    left_ = 0;
    return std::nullopt;
  }
  header.key = key.bytes;
  rest_ = {from, end};
  return header;
}

}  // namespace highwater::records
