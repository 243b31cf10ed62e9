// Builds magic-2 batches: for our client, for what the broker itself writes (internal topics, control batches), for
// rewriting and for tests. Bytes equal those of Java's MemoryRecordsBuilder for the same records and codec none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"
#include "foundation/compress/compressor.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record.h"

namespace highwater::records {

struct BatchOptions {
  Offset base_offset = 0;
  Epoch leader_epoch = no_epoch;
  Codec codec = Codec::none;
  compress::Levels levels = {};
  TimestampType timestamp_type = TimestampType::create_time;
  std::int64_t log_append_time = no_timestamp;  // max timestamp with TimestampType::log_append_time
  ProducerId producer_id = no_producer_id;
  std::int16_t producer_epoch = no_producer_epoch;
  std::int32_t base_sequence = no_sequence;
  bool transactional = false;
  bool control = false;
  compress::ContextShelf* shelf = nullptr;  // lends working memory; outlives the builder
};

struct NewRecord {
  std::int64_t timestamp = no_timestamp;
  Nullable key = {};
  Nullable value = {};
  std::span<const Header> headers = {};
};

class BatchBuilder {
 public:
  explicit BatchBuilder(const BatchOptions& options);
  BatchBuilder(BatchBuilder&&) noexcept;
  ~BatchBuilder();

  // At the next offset.
  void append(const NewRecord& record);
  // At base offset + delta; deltas must rise.
  void append_at(std::int32_t offset_delta, const NewRecord& record);
  // The same record as another batch holds, with its headers as they are.
  void append_copy(std::int32_t offset_delta, const Record& record);

  std::int32_t count() const { return count_; }
  // Bytes if it were finished now; with compression, what the compressor has given out so far.
  std::size_t size_so_far() const { return out_->size(); }

  // The batch with its CRC. The builder must hold at least one record and is used up.
  std::vector<std::uint8_t> finish();

 private:
  struct Fields {
    std::int64_t timestamp;
    Nullable key;
    Nullable value;
    std::int32_t header_count;
    std::size_t headers_size;
  };
  // Everything of the record up to its headers, which the caller puts next.
  void begin_record(std::int32_t offset_delta, const Fields& fields);
  void put(ByteView bytes);
  void put_scratch();

  BatchOptions options_;
  std::unique_ptr<std::vector<std::uint8_t>> out_;  // header, then records as they leave the compressor
  std::unique_ptr<compress::Compressor> compressor_;
  std::vector<std::uint8_t> scratch_;
  std::int32_t count_ = 0;
  std::int32_t last_delta_ = -1;
  std::int64_t base_timestamp_ = no_timestamp;
  std::int64_t max_timestamp_ = no_timestamp;
};

// A batch of one record.
std::vector<std::uint8_t> single_record_batch(const BatchOptions& options, const NewRecord& record);

// A header without records, as compaction leaves for a producer's last batch; offsets stay covered.
std::vector<std::uint8_t> empty_batch(const BatchOptions& options, std::int32_t last_offset_delta,
                                      std::int64_t max_timestamp);

}  // namespace highwater::records
