// Why a leader refuses what a producer sent, told apart as finely as we can; kafka_error() is the only place that
// folds it into Kafka's codes.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/api/error_code.h"
#include "protocol/records/record_reader.h"

namespace highwater::records {

//                                 Kafka's error
enum class RejectReason : std::uint8_t {
  no_batch,                    // INVALID_RECORD 87: null, empty or not one whole batch
  several_batches,             // INVALID_RECORD 87: Produce v3+ takes one batch per partition
  old_magic,                   // INVALID_RECORD 87: magic 0 or 1 in Produce v3+
  unknown_magic,               // CORRUPT_MESSAGE 2
  corrupt_length,              // CORRUPT_MESSAGE 2: smaller than any format's overhead
  no_header,                   // CORRUPT_MESSAGE 2: smaller than the header of its format
  corrupt_crc,                 // CORRUPT_MESSAGE 2
  too_large,                   // MESSAGE_TOO_LARGE 10: the batch exceeds max.message.bytes
  inflates_too_large,          // MESSAGE_TOO_LARGE 10: its output exceeds highwater.max.decompressed.batch.bytes
  window_too_large,            // UNKNOWN_SERVER_ERROR -1, as Apache: its codec asks for more history than we give
  base_offset_not_zero,        // INVALID_RECORD 87
  bad_offset_range,            // INVALID_RECORD 87: last offset delta below 0
  bad_count,                   // INVALID_RECORD 87: record count below 1
  count_differs_from_offsets,  // INVALID_RECORD 87
  control_batch,               // INVALID_RECORD 87: from a client
  bad_sequence,                // INVALID_RECORD 87: producer id without a sequence
  length_overflow,             // UNKNOWN_SERVER_ERROR -1, as Apache: a length that overflows with its overhead
  inner_offsets_not_dense,     // UNKNOWN_SERVER_ERROR -1, as Apache: in a compressed batch that keeps its codec
  no_producer_epoch,   // UNKNOWN_SERVER_ERROR -1, as Apache: a producer id without an epoch in a batch made anew
  negative_timestamp,  // UNKNOWN_SERVER_ERROR -1, as Apache: of a record in a batch made anew, other than -1
  unknown_codec,       // UNKNOWN_SERVER_ERROR -1, as Apache (IllegalArgumentException inside the broker)
  codec_not_allowed,   // UNSUPPORTED_COMPRESSION_TYPE 76: zstd before Produce v7
  undecodable,         // UNKNOWN_SERVER_ERROR -1, as Apache (KafkaException from the decompressor)
  malformed_record,    // INVALID_RECORD 87
  records_remain,      // INVALID_RECORD 87: bytes after the declared number of records
  invalid_record,      // INVALID_RECORD 87: per-record errors, see the verdict's list
  invalid_timestamp,   // INVALID_TIMESTAMP 32: per-record errors, at least one about time
};

// What a batch whose records cannot be read is refused for.
RejectReason reason_of(RecordError error);

api::ErrorCode kafka_error(RejectReason reason);
// What ProduceRequest.validateRecords refuses never reaches Kafka's log, and its answer does not say where that starts.
bool is_refused_before_log(RejectReason reason);
// A sentence without names of topics; the handler adds where.
std::string_view explain(RejectReason reason);

}  // namespace highwater::records
