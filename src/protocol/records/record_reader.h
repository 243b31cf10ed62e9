// Reads the records of one batch in order, compressed or not. Uncompressed records are views into the batch; compressed
// ones come through a decompressor into a buffer that grows to the largest record and no further.
//
// next() gives done / a record / an error. Views in the record live until the following call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "foundation/compress/decompressor.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record.h"

namespace highwater::records {

enum class RecordError : std::uint8_t {
  malformed,       // lengths or varints that contradict each other
  undecodable,     // the codec found damage
  records_remain,  // the declared number of records was read, and bytes are left
  too_large,       // one record, or all together, exceed the limits
  unknown_codec,
};

struct ReadLimits {
  std::size_t record_max = std::size_t{1} << 30;      // of one record, decompressed
  std::uint64_t output_max = std::uint64_t{1} << 31;  // of the batch, decompressed
};

class RecordReader {
 public:
  // The batch's bytes must outlive the reader, and so must the shelf, if one is given. The CRC is not checked here.
  explicit RecordReader(BatchView batch, const ReadLimits& limits = {}, compress::ContextShelf* shelf = nullptr);
  RecordReader(RecordReader&&) noexcept = default;

  // The next record; nothing at the end.
  Result<std::optional<Record>, RecordError> next();

 private:
  Result<std::optional<Record>, RecordError> read();
  Result<ByteView, RecordError> plain_body();
  Result<ByteView, RecordError> compressed_body();
  Result<std::size_t, RecordError> fill(std::size_t wanted);
  Result<void, RecordError> check_end();

  BatchView batch_;
  ReadLimits limits_;
  ByteView rest_;          // uncompressed: what is still to be read
  std::int32_t left_ = 0;  // records still to be read
  std::optional<RecordError> error_;
  std::unique_ptr<compress::Decompressor> inflate_;
  std::vector<std::uint8_t> buffer_;  // decompressed bytes not yet consumed, from begin_ to end_
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace highwater::records
