// Message sets of magic 0 and 1, which may still lie on disks from before Kafka 0.11. They are read and sized, never
// written. Layout: offset i64 | size i32 | crc i32 | magic i8 | attributes i8 | timestamp i64 (magic 1) |
// key length i32, key | value length i32, value. The CRC is CRC-32 (zlib) from the magic byte on. A compressed message
// is a wrapper whose value holds a message set; its offset is that of its last inner message.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record.h"
#include "protocol/records/record_reader.h"

namespace highwater::records {

class LegacyView {
 public:
  // Bytes of one entry as BatchScanner cut them, with magic 0 or 1. Check well_formed() before anything else.
  explicit LegacyView(ByteView bytes) : bytes_(bytes) {}

  bool well_formed() const;
  bool crc_ok() const;

  std::int8_t magic() const { return load_be<std::int8_t>(bytes_.data() + header::magic); }
  Offset last_offset() const { return load_be<std::int64_t>(bytes_.data()); }
  unsigned codec_id() const { return bytes_[attributes_at] & attribute::codec_mask; }
  bool is_compressed() const { return codec_id() != 0; }
  TimestampType timestamp_type() const;
  std::int64_t timestamp() const { return magic() == 0 ? no_timestamp : load_be<std::int64_t>(bytes_.data() + 18); }
  Nullable key() const;
  Nullable value() const;

 private:
  static constexpr std::size_t attributes_at = 17;
  std::size_t key_at() const { return magic() == 0 ? 18u : 26u; }

  ByteView bytes_;
};

// The records of one entry with their true offsets and timestamps. A wrapper's inner set is decompressed whole, because
// inner offsets of magic 1 are relative to the last one; it is bounded by limits.output_max.
class LegacyReader {
 public:
  explicit LegacyReader(ByteView entry, const ReadLimits& limits = {});
  // The next record; nothing at the end. Views live as long as the reader.
  Result<std::optional<Record>, RecordError> next();

 private:
  Result<void, RecordError> unwrap();

  ByteView entry_;
  ReadLimits limits_;
  std::vector<std::uint8_t> inner_;
  std::size_t position_ = 0;
  Offset base_ = 0;
  bool opened_ = false;
  bool done_ = false;
};

}  // namespace highwater::records
