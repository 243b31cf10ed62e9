// A record batch (magic 2) as bytes: every header field by its offset, nothing parsed ahead, nothing owned.
// Layout and meaning: org.apache.kafka.common.record.internal.DefaultRecordBatch.
//
//    0 base offset i64 | 8 length i32 | 12 leader epoch i32 | 16 magic i8 | 17 crc u32 | 21 attributes i16
//   23 last offset delta i32 | 27 base timestamp i64 | 35 max timestamp i64 | 43 producer id i64
//   51 producer epoch i16 | 53 base sequence i32 | 57 record count i32 | 61 records
//
// The CRC covers everything from the attributes to the end, so base offset and leader epoch may be patched freely.
// Timestamps are milliseconds since 1970; -1 is "none" for timestamps, producer ids, epochs and sequences.
#pragma once

#include <cstddef>
#include <cstdint>

#include "foundation/base/bytes.h"
#include "foundation/base/check.h"
#include "foundation/base/ids.h"
#include "protocol/records/big_endian.h"

namespace highwater::records {

inline constexpr std::int64_t no_timestamp = -1;
inline constexpr std::int16_t no_producer_epoch = -1;
inline constexpr std::int32_t no_sequence = -1;
inline constexpr std::int8_t current_magic = 2;

// Positions inside a batch. The first three and the magic byte lie at the same place in every format since 0.8.
namespace header {
inline constexpr std::size_t base_offset = 0;
inline constexpr std::size_t length = 8;
inline constexpr std::size_t leader_epoch = 12;
inline constexpr std::size_t magic = 16;
inline constexpr std::size_t crc = 17;
inline constexpr std::size_t attributes = 21;
inline constexpr std::size_t last_offset_delta = 23;
inline constexpr std::size_t base_timestamp = 27;
inline constexpr std::size_t max_timestamp = 35;
inline constexpr std::size_t producer_id = 43;
inline constexpr std::size_t producer_epoch = 51;
inline constexpr std::size_t base_sequence = 53;
inline constexpr std::size_t record_count = 57;
inline constexpr std::size_t records = 61;
}  // namespace header

inline constexpr std::size_t batch_header_size = header::records;
inline constexpr std::size_t log_overhead = header::length + sizeof(std::int32_t);  // what the length field leaves out
inline constexpr std::size_t size_up_to_magic = header::magic + 1;
static_assert(batch_header_size == 61 && log_overhead == 12 && size_up_to_magic == 17);
static_assert(header::record_count + sizeof(std::int32_t) == header::records);

enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
inline constexpr unsigned codec_count = 5;

enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

namespace attribute {
inline constexpr unsigned codec_mask = 0x07;
inline constexpr unsigned log_append_time = 0x08;
inline constexpr unsigned transactional = 0x10;
inline constexpr unsigned control = 0x20;
inline constexpr unsigned delete_horizon = 0x40;
inline constexpr unsigned all = codec_mask | log_append_time | transactional | control | delete_horizon;
}  // namespace attribute

// Sequences count from 0 to INT32_MAX and begin again at 0.
constexpr std::int32_t sequence_after(std::int32_t sequence, std::int32_t steps) {
  return static_cast<std::int32_t>((static_cast<std::int64_t>(sequence) + steps) & INT32_MAX);
}
constexpr std::int32_t sequence_before(std::int32_t sequence, std::int32_t steps) {
  return static_cast<std::int32_t>((static_cast<std::int64_t>(sequence) - steps) & INT32_MAX);
}

class BatchView {
 public:
  // `bytes` is exactly one whole batch, at least a header long (BatchScanner hands out such ranges).
  explicit BatchView(ByteView bytes) : bytes_(bytes) { HW_CHECK(bytes.size() >= batch_header_size); }

  ByteView bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  ByteView records() const { return bytes_.subspan(header::records); }

  Offset base_offset() const { return load<std::int64_t>(header::base_offset); }
  // Wraps when a damaged base offset lies at the end of all offsets; then it is below the base.
  Offset last_offset() const {
    return static_cast<Offset>(static_cast<std::uint64_t>(base_offset()) +
                               static_cast<std::uint64_t>(last_offset_delta()));
  }
  std::int32_t last_offset_delta() const { return load<std::int32_t>(header::last_offset_delta); }
  std::int32_t declared_length() const { return load<std::int32_t>(header::length); }
  Epoch leader_epoch() const { return load<std::int32_t>(header::leader_epoch); }
  std::int8_t magic() const { return load<std::int8_t>(header::magic); }
  std::uint32_t crc() const { return load<std::uint32_t>(header::crc); }

  // Only the low byte has a meaning; the high byte is carried along as it came.
  unsigned attributes() const { return load<std::uint16_t>(header::attributes); }
  unsigned codec_id() const { return attributes() & attribute::codec_mask; }
  bool has_known_codec() const { return codec_id() < codec_count; }
  Codec codec() const { return static_cast<Codec>(codec_id()); }  // meaningful only with has_known_codec()
  bool is_compressed() const { return codec_id() != 0; }
  bool is_transactional() const { return (attributes() & attribute::transactional) != 0; }
  bool is_control() const { return (attributes() & attribute::control) != 0; }
  TimestampType timestamp_type() const {
    return (attributes() & attribute::log_append_time) != 0 ? TimestampType::log_append_time
                                                            : TimestampType::create_time;
  }

  std::int64_t base_timestamp() const { return load<std::int64_t>(header::base_timestamp); }
  std::int64_t max_timestamp() const { return load<std::int64_t>(header::max_timestamp); }
  // When compaction may drop this batch's tombstones; it then sits where the base timestamp was.
  bool has_delete_horizon() const { return (attributes() & attribute::delete_horizon) != 0; }
  std::int64_t delete_horizon_ms() const { return has_delete_horizon() ? base_timestamp() : no_timestamp; }

  ProducerId producer_id() const { return load<std::int64_t>(header::producer_id); }
  bool has_producer_id() const { return producer_id() > no_producer_id; }
  std::int16_t producer_epoch() const { return load<std::int16_t>(header::producer_epoch); }
  std::int32_t base_sequence() const { return load<std::int32_t>(header::base_sequence); }
  std::int32_t last_sequence() const {
    return base_sequence() == no_sequence ? no_sequence : sequence_after(base_sequence(), last_offset_delta());
  }
  std::int32_t record_count() const { return load<std::int32_t>(header::record_count); }

  std::uint32_t computed_crc() const;
  bool crc_ok() const { return crc() == computed_crc(); }

 private:
  template <class Integer>
  Integer load(std::size_t at) const {
    return load_be<Integer>(bytes_.data() + at);
  }

  ByteView bytes_;
};

}  // namespace highwater::records
