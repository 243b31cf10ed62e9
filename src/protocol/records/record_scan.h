// Walks the records of a batch looking only at what validation needs: structure, timestamp, offset, whether there is a
// key. Keys, values and headers are skipped, so memory does not depend on the size of a record, and a walk can pause in
// the middle of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

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
  // The batch's bytes must outlive the scan, and so must the shelf, if one is given. Its codec must be known.
  RecordScan(BatchView batch, std::uint64_t output_max, compress::ContextShelf* shelf = nullptr);
  RecordScan(RecordScan&&) noexcept;
  ~RecordScan();

  // Goes on until a record is complete, the end, or the budget is spent; lowers the budget by what it took: bytes that
  // were decompressed and a little per record.
  ScanStep next(std::size_t& budget);
  const ScannedRecord& record() const { return record_; }
  RecordError error() const { return error_; }
  // What the codec said, when error() is undecodable or too_large.
  compress::CompressError codec_error() const { return codec_error_; }
  // Decompressed bytes behind us.
  std::uint64_t bytes_read() const { return consumed_; }
  std::size_t window_bytes() const { return inflate_ ? inflate_->window_bytes() : 0; }

 private:
  enum class Stage : std::uint8_t { length, whole, prefix, key, value, header_key, header_value, failed };
  enum class Supply : std::uint8_t { ready, paused, failed };

  ScanStep fail(RecordError error);
  ScanStep at_end(std::size_t& budget);
  ScanStep begin_record(std::size_t& budget);
  ScanStep whole_record(std::size_t& budget);
  ScanStep long_record(std::size_t& budget);
  bool long_record_prefix();
  bool after_skip();
  bool expect_header();
  bool begin_skip(std::int32_t length, Stage stage);
  bool take_varint(std::int32_t& value);
  // Tries to have `bytes` in the window; at the end of the input there may be fewer.
  Supply want(std::size_t bytes, std::size_t& budget);
  void take(std::size_t bytes);
  std::int64_t timestamp_of(std::int64_t delta) const;
  const std::uint8_t* here() const { return window_.data() + cursor_; }
  std::size_t available() const { return window_.size() - cursor_; }

  BatchView batch_;
  std::unique_ptr<compress::Decompressor> inflate_;
  std::unique_ptr<std::uint8_t[]> memory_;  // of the window, only with a codec
  ByteView window_;                         // not yet consumed from cursor_ on
  std::size_t cursor_ = 0;
  std::uint64_t consumed_ = 0;

  std::int32_t left_ = 0;  // records
  Stage stage_ = Stage::length;
  std::size_t record_left_ = 0;  // bytes of the record that are still to come
  std::size_t skip_left_ = 0;    // of them, those of the field that is being skipped
  std::int32_t headers_left_ = 0;
  ScannedRecord record_;
  RecordError error_ = RecordError::malformed;
  compress::CompressError codec_error_ = compress::CompressError::corrupt;
};

}  // namespace highwater::records
