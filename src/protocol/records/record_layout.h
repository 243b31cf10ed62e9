// Takes one record's body apart: the bytes after its length. For this room only.
//
//   attributes i8 | timestamp delta varlong | offset delta varint | key length varint, key | value length varint, value
//   | header count varint | per header: key length varint, key | value length varint, value
//
// A negative length of key or value is null, as Kafka reads it; a header's key may not be null (DefaultRecord).
#pragma once

#include <cstddef>
#include <cstdint>

#include "foundation/base/bytes.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record.h"
#include "protocol/records/varint.h"

namespace highwater::records {

// Attributes, timestamp delta, offset delta and key length at most.
inline constexpr std::size_t record_prefix_max = 1 + varlong_size_max + 2 * varint_size_max;

struct RecordLayout {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  Nullable key;
  Nullable value;
  std::int32_t header_count = 0;
  ByteView headers;
};

// A length and as many bytes; null if they do not fit.
inline const std::uint8_t* read_sized(const std::uint8_t* from, const std::uint8_t* end, Nullable& into) {
  std::int32_t length = 0;
  from = read_varint(from, end, length);
  if (from == nullptr) return nullptr;
  if (length < 0) {
    into = Nullable::none();
    return from;
  }
  if (end - from < length) return nullptr;
  into = Nullable::of({from, static_cast<std::size_t>(length)});
  return from + length;
}

// False if the fields do not fill the body exactly.
inline bool parse_record(ByteView body, RecordLayout& layout) {
  const std::uint8_t* from = body.data();
  const std::uint8_t* const end = from + body.size();
  if (from == end) return false;
  ++from;  // attributes, of which no bit has a meaning
  from = read_varlong(from, end, layout.timestamp_delta);
  if (from != nullptr) from = read_varint(from, end, layout.offset_delta);
  if (from != nullptr) from = read_sized(from, end, layout.key);
  if (from != nullptr) from = read_sized(from, end, layout.value);
  if (from != nullptr) from = read_varint(from, end, layout.header_count);
  if (from == nullptr || layout.header_count < 0) return false;
  const std::uint8_t* const headers = from;
  for (std::int32_t i = 0; i < layout.header_count; ++i) {
    Nullable key;
    Nullable value;
    from = read_sized(from, end, key);
    if (from == nullptr || !key.present) return false;
    from = read_sized(from, end, value);
    if (from == nullptr) return false;
  }
  layout.headers = {headers, from};
  return from == end;
}

// Kafka lets the sum wrap; a reader takes the header's time for every record once the log stamped the batch.
inline std::int64_t record_timestamp(BatchView batch, std::int64_t delta) {
  if (batch.timestamp_type() == TimestampType::log_append_time) return batch.max_timestamp();
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(batch.base_timestamp()) +
                                   static_cast<std::uint64_t>(delta));
}

}  // namespace highwater::records
