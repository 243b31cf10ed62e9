// Cuts a byte range (a segment file's part, a fetch answer, a produce request's field) into whole batches.
// Rules of org.apache.kafka.common.record.internal.ByteBufferLogInputStream: a length too small for any format or a
// magic byte that no format has is corruption; a last batch that is not whole is just the end of what was sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"
#include "protocol/records/batch_view.h"

namespace highwater::records {

// One whole batch of any format. The fields here are where they are in magic 0, 1 and 2 alike.
struct RawBatch {
  ByteView bytes;
  std::size_t position = 0;  // of its first byte in the scanned range
  std::int8_t magic = 0;

  bool is_current() const { return magic == current_magic; }
  // Only for magic 2 with a whole header; see has_header().
  BatchView view() const { return BatchView(bytes); }
  bool has_header() const { return is_current() && bytes.size() >= batch_header_size; }
  // The first eight bytes: the base offset in magic 2, the offset of the last record in magic 0 and 1.
  Offset first_field() const { return load_be<std::int64_t>(bytes.data()); }
};

enum class ScanEnd : std::uint8_t {
  clean,             // the range ended with a whole batch
  truncated,         // the rest is the beginning of a batch
  length_too_small,  // the rest begins with a length that no format allows
  unknown_magic,     // the rest begins with a magic byte above 2 or below 0
};

// Kafka's sentence about a rest with which a scan ended as length_too_small or unknown_magic.
std::string describe_break(ByteView rest);

class BatchScanner {
 public:
  explicit BatchScanner(ByteView range) : range_(range) {}

  // The next whole batch, or nothing; then end() says why and position() where the unread rest begins.
  std::optional<RawBatch> next();
  ScanEnd end() const { return end_; }
  std::size_t position() const { return position_; }

 private:
  ByteView range_;
  std::size_t position_ = 0;
  ScanEnd end_ = ScanEnd::clean;
};

// Calls visit(const RawBatch&) for each whole batch and says how the range ended.
template <class Visit>
ScanEnd for_each_batch(ByteView range, Visit&& visit) {
  BatchScanner scanner(range);
  while (const auto batch = scanner.next()) visit(*batch);
  return scanner.end();
}

}  // namespace highwater::records
