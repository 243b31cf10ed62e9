// What a leader checks in a produced batch before it may enter the log: ProduceRequest.validateRecords,
// UnifiedLog.analyzeAndValidateRecords and LogValidator in one pass, without a clock, a lock or a partition's state.
//
// In slices: step() does a bounded amount of work, so that a batch of any size, or one that inflates a thousandfold,
// never holds the loop (L1). A compressed batch is decompressed as a stream and thrown away; its bytes are stored as
// they came. An uncompressed batch that fits one slice is validated without allocation.
//
// Where this differs from Kafka: a record of a compressed batch whose declared length contradicts its fields is
// refused (Kafka's partial reader lets it pass, and then no consumer can read it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/time.h"
#include "foundation/compress/compressor.h"
#include "protocol/records/append_origin.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record_scan.h"
#include "protocol/records/reject_reason.h"

namespace highwater::records {

// The topic's configuration as far as batches are concerned. Copied by value into a validation.
struct TopicRules {
  std::int64_t batch_bytes_max = 1'048'588;                   // max.message.bytes
  std::uint64_t output_bytes_max = std::uint64_t{1} << 31;    // highwater.max.decompressed.batch.bytes
  bool compacted = false;                                     // cleanup.policy contains compact
  TimestampType timestamp_type = TimestampType::create_time;  // message.timestamp.type
  std::int64_t timestamp_before_max_ms = INT64_MAX;           // message.timestamp.before.max.ms
  std::int64_t timestamp_after_max_ms = 3'600'000;            // message.timestamp.after.max.ms
  std::optional<Codec> compression;                           // compression.type; nothing is "producer"
  compress::Levels levels;
};

struct ProduceTerms {
  AppendOrigin origin = AppendOrigin::client;
  bool zstd_allowed = true;                 // Produce v7 and later
  WallTime now;                             // for timestamp bounds and log append time
  std::string_view partition;               // its name, for messages; outlives the validation
  compress::ContextShelf* shelf = nullptr;  // lends working memory; outlives the validation
};

// KIP-467: what is wrong with one record.
struct RecordIssue {
  std::int32_t batch_index = 0;  // of the record in its batch
  std::string message;
};
// More than this many are counted, not listed.
inline constexpr std::size_t record_issues_max = 1000;

enum class Keeping : std::uint8_t {
  as_is,    // store the bytes as they came, stamped
  rewrite,  // the topic wants another codec: run BatchRewrite and store what it gives
};

struct Verdict {
  std::optional<RejectReason> reject;  // nothing: the batch is good
  std::string message;                 // for the answer, only with a reject
  std::vector<RecordIssue> record_issues;

  Keeping keeping = Keeping::as_is;
  Codec target_codec = Codec::none;
  std::int32_t record_count = 0;
  // What the stored header must say; with log append time it is `now`.
  std::int64_t max_timestamp = no_timestamp;
  // last offset - base offset; Kafka's time index points a batch's max timestamp at its last offset.
  std::int32_t last_offset_delta = 0;
  std::uint64_t uncompressed_bytes = 0;
};

enum class Progress : std::uint8_t { more, done };

// Work per step() that stays well below half a millisecond with every codec.
inline constexpr std::size_t validation_slice_bytes = std::size_t{64} << 10;

// An LZ4 frame of blocks above 256 KiB: a step, however small, may decompress a whole block. Not for the loop.
bool steps_are_large(ByteView records);

class BatchValidation {
 public:
  // `records` is the request's field for one partition; it must outlive the validation and stay unchanged.
  BatchValidation(ByteView records, const TopicRules& rules, const ProduceTerms& terms);

  // Does about `work_bytes` of reading, decompressing or checking.
  Progress step(std::size_t work_bytes = validation_slice_bytes);
  // After Progress::done.
  const Verdict& verdict() const { return verdict_; }
  Verdict take_verdict() { return std::move(verdict_); }
  // The batch inside `records`; only when it was not refused.
  BatchView batch() const { return BatchView(batch_); }
  // Memory to be counted against the node's budget while the validation lives.
  std::size_t window_bytes() const { return scan_ ? scan_->window_bytes() : 0; }

 private:
  enum class Stage : std::uint8_t { checksum, records, done };

  static bool names_zstd(ByteView batch);
  void open(ByteView records);
  void check_header();
  void begin_records();
  std::size_t checksum_some(std::size_t work_bytes);
  void records_some(std::size_t work_bytes);
  void check_record(const ScannedRecord& record);
  std::string issues_text() const;
  void finish_records();
  void refuse(RejectReason reason, std::string message = {});
  void note_issue(RejectReason reason, std::string message);

  TopicRules rules_;
  ProduceTerms terms_;
  ByteView batch_;
  Stage stage_ = Stage::checksum;
  std::size_t checksummed_ = 0;
  std::uint32_t checksum_ = 0;
  std::optional<RecordScan> scan_;
  std::int32_t index_ = 0;
  std::uint64_t issues_ = 0;
  bool dense_ = true;  // inner offsets count 0, 1, 2...
  RejectReason issue_reason_ = RejectReason::invalid_record;
  Verdict verdict_;
};

// Validates without slices: for small batches and tests.
Verdict validate_whole(ByteView records, const TopicRules& rules, const ProduceTerms& terms);

}  // namespace highwater::records
