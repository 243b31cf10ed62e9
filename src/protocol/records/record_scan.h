// Walks the records of a batch looking only at what validation needs: structure, timestamp, offset, whether there is a
// key. Keys, values and headers are skipped, so memory does not depend on the size of a record, and a walk can pause in
// the middle of one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "foundation/base/bytes.h"
#include "foundation/compress/decompressor.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record_reader.h"

namespace highwater::records {

struct ScannedRecord {
  std::int64_t timestamp = no_timestamp;  // with log append time in the header: the header's
  std::int32_t offset_delta = 0;
  bool has_key = false;
};

enum class ScanStep : std::uint8_t {
  record,  // record() is the next one
  paused,  // the budget is used up; call again with more
  end,     // all declared records were read and nothing is left
  error,   // see error()
};

class RecordScan {
 public:
  // The batch's bytes must outlive the scan. Its codec must be known.
  RecordScan(BatchView batch, std::uint64_t output_max);
  RecordScan(RecordScan&&) noexcept;
  ~RecordScan();

  // Goes on until a record is complete, the end, or `budget` bytes are spent; lowers the budget by what it took.
  ScanStep next(std::size_t& budget);
  const ScannedRecord& record() const { return record_; }
  RecordError error() const { return error_; }
  // What the codec said, when error() is undecodable or too_large.
  compress::CompressError codec_error() const { return codec_error_; }
  std::uint64_t bytes_read() const { return consumed_before_ + cursor_; }
  std::size_t window_bytes() const { return inflate_ ? inflate_->window_bytes() : 0; }

 private:
  enum class Field : std::uint8_t {
    prefix,
    key,
    value_length,
    value,
    header_count,
    header_key_length,
    header_key,
    header_value_length,
    header_value,
    tail
  };
  enum class Outcome : std::uint8_t { ok, starved, failed };

  ScanStep fail(RecordError error);
  Outcome advance(std::size_t& budget);
  Outcome read_prefix();
  Outcome skip(std::size_t& budget, Field next_field);
  Outcome begin_skip(std::int32_t length, Field field);
  Outcome finish_record();
  Outcome want(std::size_t bytes, std::size_t& budget);
  bool read_varint(std::int32_t& value);
  bool read_varlong(std::int64_t& value);
  bool refill(std::size_t& budget);

  BatchView batch_;
  std::unique_ptr<compress::Decompressor> inflate_;
  std::unique_ptr<std::uint8_t[]> window_memory_;  // only with a codec
  ByteView window_;                                // decompressed and not yet consumed, from cursor_ on
  std::size_t cursor_ = 0;
  std::uint64_t consumed_before_ = 0;  // bytes of earlier windows
  bool input_ended_ = false;

  std::int32_t left_ = 0;
  Field field_ = Field::prefix;
  std::uint64_t skip_left_ = 0;
  std::uint64_t record_end_ = 0;  // position in the decompressed stream
  std::int32_t headers_left_ = 0;
  ScannedRecord record_;
  RecordError error_ = RecordError::malformed;
  compress::CompressError codec_error_ = compress::CompressError::corrupt;
};

}  // namespace highwater::records
