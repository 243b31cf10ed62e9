// One record as views into memory that somebody else holds.
#pragma once

#include <cstdint>
#include <optional>

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"
#include "protocol/records/batch_view.h"

namespace highwater::records {

// Null and empty differ in Kafka: a null value is a tombstone.
struct Nullable {
  ByteView bytes;
  bool present = false;

  static Nullable none() { return {}; }
  static Nullable of(ByteView bytes) { return {bytes, true}; }
};

struct Header {
  ByteView key;  // UTF-8
  Nullable value;
};

struct Record {
  Offset offset = 0;
  std::int64_t timestamp = no_timestamp;
  Nullable key;
  Nullable value;
  std::int32_t header_count = 0;
  ByteView headers;  // encoded; HeaderReader takes them apart

  std::size_t payload_size() const { return key.bytes.size() + value.bytes.size(); }
};

// Walks the encoded headers of a record that RecordReader gave out, which are well formed.
class HeaderReader {
 public:
  explicit HeaderReader(const Record& record) : rest_(record.headers), left_(record.header_count) {}
  std::optional<Header> next();

 private:
  ByteView rest_;
  std::int32_t left_;
};

}  // namespace highwater::records
