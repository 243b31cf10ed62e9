#include "protocol/records/batch_validation.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"
#include "foundation/crypto/crc32c.h"
#include "protocol/records/batch_scan.h"

namespace highwater::records {
namespace {

// CRC-32C is this much cheaper per byte than looking at records.
constexpr std::size_t checksum_bytes_per_work = 8;

// Kafka subtracts without looking for overflow, and so far-off timestamps are refused on either side.
bool out_of_bounds(std::int64_t timestamp, const TopicRules& rules, WallTime now) {
  const std::uint64_t age = static_cast<std::uint64_t>(now.ms) - static_cast<std::uint64_t>(timestamp);
  return static_cast<std::int64_t>(age) > rules.timestamp_before_max_ms ||
         static_cast<std::int64_t>(0 - age) > rules.timestamp_after_max_ms;
}

// As Java adds.
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

bool length_overflows(ByteView records) {
  constexpr std::int32_t length_max = INT32_MAX - static_cast<std::int32_t>(log_overhead);
  return records.size() >= size_up_to_magic && load_be<std::int32_t>(records.data() + header::length) > length_max;
}

RejectReason reason_of(const RecordScan& scan) {
  const bool window = scan.codec_error() == compress::CompressError::window_too_large;
  if (scan.error() == RecordError::too_large && window) return RejectReason::window_too_large;
  return reason_of(scan.error());
}

}  // namespace

bool steps_are_large(ByteView records) {
  // After the frame's magic and its flags comes a byte with the block size: 4 is 64 KiB, 5 is 256 KiB, then 1 and 4
  // MiB.
  constexpr std::size_t block_descriptor = batch_header_size + 5;
  if (records.size() <= block_descriptor) return false;
  const BatchView batch(records);
  if (batch.magic() != current_magic || batch.codec() != Codec::lz4) return false;
  return (records[block_descriptor] >> 4 & 7) > 5;
}

BatchValidation::BatchValidation(ByteView records, const TopicRules& rules, const ProduceTerms& terms)
    : rules_(rules), terms_(terms) {
  open(records);
}

Progress BatchValidation::step(std::size_t work_bytes) {
  work_bytes = std::max<std::size_t>(work_bytes, 1);
  if (stage_ == Stage::checksum) work_bytes = checksum_some(work_bytes);
  if (stage_ == Stage::records && work_bytes != 0) records_some(work_bytes);
  return stage_ == Stage::done ? Progress::done : Progress::more;
}

// Finds the one batch; what a producer may not even send is refused before its checksum is looked at.
void BatchValidation::open(ByteView records) {
  BatchScanner scanner(records);
  const auto first = scanner.next();
  const bool from_client = terms_.origin == AppendOrigin::client;
  if (!first) {
    if (scanner.end() == ScanEnd::length_too_small) return refuse(RejectReason::corrupt_length);
    if (scanner.end() == ScanEnd::unknown_magic) return refuse(RejectReason::unknown_magic);
    return refuse(length_overflows(records) ? RejectReason::length_overflow : RejectReason::no_batch);
  }
  if (!first->is_current()) return refuse(RejectReason::old_magic);
  if (from_client && !terms_.zstd_allowed && names_zstd(first->bytes)) return refuse(RejectReason::codec_not_allowed);
  if (scanner.next()) return refuse(RejectReason::several_batches);
  if (scanner.end() == ScanEnd::length_too_small) return refuse(RejectReason::corrupt_length);
  if (scanner.end() == ScanEnd::unknown_magic) return refuse(RejectReason::unknown_magic);
  // The beginning of a further batch, if any, is left out, as Kafka does.
  if (from_client && first->first_field() != 0) return refuse(RejectReason::base_offset_not_zero);
  if (static_cast<std::int64_t>(first->bytes.size()) > rules_.batch_bytes_max) {
    return refuse(RejectReason::too_large, fmt::format("the batch has {} bytes, max.message.bytes is {}",
                                                       first->bytes.size(), rules_.batch_bytes_max));
  }
  if (!first->has_header()) return refuse(RejectReason::no_header);
  batch_ = first->bytes;
}

bool BatchValidation::names_zstd(ByteView batch) {
  return batch.size() >= header::attributes + 2 &&
         (batch[header::attributes + 1] & attribute::codec_mask) == static_cast<unsigned>(Codec::zstd);
}

std::size_t BatchValidation::checksum_some(std::size_t work_bytes) {
  const ByteView covered = batch_.subspan(header::attributes);
  const std::size_t count = std::min(covered.size() - checksummed_, work_bytes * checksum_bytes_per_work);
  checksum_ = crypto::crc32c(covered.subspan(checksummed_, count), checksum_);
  checksummed_ += count;
  if (checksummed_ == covered.size()) check_header();
  return work_bytes - std::min(work_bytes, count / checksum_bytes_per_work);
}

void BatchValidation::check_header() {
  const BatchView view(batch_);
  if (checksum_ != view.crc()) {
    return refuse(RejectReason::corrupt_crc,
                  fmt::format("the batch says its checksum is {}, its bytes give {}", view.crc(), checksum_));
  }
  if (!view.has_known_codec()) return refuse(RejectReason::unknown_codec);
  if (terms_.origin == AppendOrigin::client) {
    // Wraps like Java's, so that a range at the end of all offsets is judged the same.
    if (view.last_offset_delta() < 0) return refuse(RejectReason::bad_offset_range);
    if (view.record_count() <= 0) return refuse(RejectReason::bad_count);
    if (view.record_count() - 1 != view.last_offset_delta()) return refuse(RejectReason::count_differs_from_offsets);
    if (view.is_control()) return refuse(RejectReason::control_batch);
    if (view.has_producer_id() && view.base_sequence() < 0) return refuse(RejectReason::bad_sequence);
  }
  begin_records();
}

void BatchValidation::begin_records() {
  const BatchView view(batch_);
  verdict_.target_codec = rules_.compression.value_or(view.codec());
  const bool plain_control = view.is_control() && !view.is_compressed();
  if (plain_control) verdict_.target_codec = Codec::none;
  // As compaction leaves it: there is nothing to compress, and its offsets and sequence numbers are all it says.
  if (view.record_count() == 0) verdict_.target_codec = view.codec();
  if (verdict_.target_codec != view.codec()) verdict_.keeping = Keeping::rewrite;
  scan_.emplace(view, rules_.output_bytes_max, terms_.shelf);
  stage_ = Stage::records;
}

void BatchValidation::records_some(std::size_t work_bytes) {
  for (;;) {
    switch (scan_->next(work_bytes)) {
      case ScanStep::record:
        check_record(scan_->record());
        break;
      case ScanStep::paused:
        return;
      case ScanStep::end:
        return finish_records();
      case ScanStep::error:
        verdict_.record_issues.clear();
        return refuse(reason_of(*scan_));
    }
  }
}

// LogValidator.validateRecord. A record's error does not end the walk: what comes after may be malformed, which weighs
// more, and every bad record is listed.
void BatchValidation::check_record(const ScannedRecord& record) {
  const BatchView view(batch_);
  const bool create_time = rules_.timestamp_type == TimestampType::create_time;
  if (rules_.compacted && !record.has_key) {
    note_issue(
        RejectReason::invalid_record,
        fmt::format("Compacted topic cannot accept message without key in topic partition {}", terms_.partition));
  } else if (create_time && record.timestamp != no_timestamp) {
    if (out_of_bounds(record.timestamp, rules_, terms_.now)) {
      note_issue(RejectReason::invalid_timestamp,
                 fmt::format("Timestamp {} of message with offset {} is out of range. The timestamp should be within "
                             "[{}, {}]",
                             record.timestamp, view.base_offset() + record.offset_delta,
                             wrapping_sum(terms_.now.ms, -rules_.timestamp_before_max_ms),
                             wrapping_sum(terms_.now.ms, rules_.timestamp_after_max_ms)));
    }
  } else if (view.timestamp_type() == TimestampType::log_append_time) {
    note_issue(
        RejectReason::invalid_timestamp,
        fmt::format("Invalid timestamp type in message with offset {}. Producer should not set timestamp type to "
                    "LogAppendTime.",
                    view.base_offset() + record.offset_delta));
  }
  dense_ = dense_ && view.base_offset() + record.offset_delta == index_;
  verdict_.max_timestamp = std::max(verdict_.max_timestamp, record.timestamp);
  ++index_;
}

void BatchValidation::note_issue(RejectReason reason, std::string message) {
  if (reason == RejectReason::invalid_timestamp || issues_ == 0) issue_reason_ = reason;
  ++issues_;
  if (verdict_.record_issues.size() < record_issues_max) verdict_.record_issues.push_back({index_, std::move(message)});
}

// Clients print this text; Kafka's words.
std::string BatchValidation::issues_text() const {
  std::string first;
  for (std::size_t i = 0; i < std::min<std::size_t>(verdict_.record_issues.size(), 3); ++i) {
    const RecordIssue& issue = verdict_.record_issues[i];
    first +=
        fmt::format("{}RecordError(batchIndex={}, message='{}')", i == 0 ? "" : ", ", issue.batch_index, issue.message);
  }
  return fmt::format(
      "One or more records have been rejected due to {} record errors in total, and only showing the first three "
      "errors at most: [{}]",
      issues_, first);
}

void BatchValidation::finish_records() {
  const BatchView view(batch_);
  if (issues_ != 0) {
    return refuse(issue_reason_, issue_reason_ == RejectReason::invalid_timestamp
                                     ? "One or more records have been rejected due to invalid timestamp"
                                     : issues_text());
  }
  if (verdict_.keeping == Keeping::rewrite && view.has_producer_id() && view.producer_epoch() == no_producer_epoch) {
    return refuse(RejectReason::no_producer_epoch);
  }
  // A rewrite makes them dense; a plain batch is stored as it is.
  if (view.is_compressed() && !dense_ && verdict_.keeping == Keeping::as_is) {
    return refuse(RejectReason::inner_offsets_not_dense);
  }
  verdict_.record_count = view.record_count();
  verdict_.last_offset_delta =
      verdict_.keeping == Keeping::rewrite ? view.record_count() - 1 : view.last_offset_delta();
  verdict_.uncompressed_bytes = batch_header_size + scan_->bytes_read();
  if (rules_.timestamp_type == TimestampType::log_append_time) verdict_.max_timestamp = terms_.now.ms;
  scan_.reset();
  stage_ = Stage::done;
}

void BatchValidation::refuse(RejectReason reason, std::string message) {
  verdict_.reject = reason;
  verdict_.message = message.empty() ? std::string(explain(reason)) : std::move(message);
  scan_.reset();
  stage_ = Stage::done;
}

Verdict validate_whole(ByteView records, const TopicRules& rules, const ProduceTerms& terms) {
  BatchValidation validation(records, rules, terms);
  while (validation.step() == Progress::more) {
  }
  return validation.take_verdict();
}

}  // namespace highwater::records
