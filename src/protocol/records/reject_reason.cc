#include "protocol/records/reject_reason.h"

#include "foundation/base/check.h"

namespace highwater::records {

RejectReason reason_of(RecordError error) {
  switch (error) {
    case RecordError::malformed:
      return RejectReason::malformed_record;
    case RecordError::records_remain:
      return RejectReason::records_remain;
    case RecordError::undecodable:
      return RejectReason::undecodable;
    case RecordError::unknown_codec:
      return RejectReason::unknown_codec;
    case RecordError::too_large:
      return RejectReason::inflates_too_large;
  }
  HW_CHECK(false);
}

bool is_refused_before_log(RejectReason reason) {
  return reason == RejectReason::no_batch || reason == RejectReason::several_batches ||
         reason == RejectReason::old_magic || reason == RejectReason::codec_not_allowed ||
         reason == RejectReason::corrupt_length || reason == RejectReason::unknown_magic;
}

api::ErrorCode kafka_error(RejectReason reason) {
  switch (reason) {
    case RejectReason::unknown_magic:
    case RejectReason::corrupt_length:
    case RejectReason::no_header:
    case RejectReason::corrupt_crc:
      return api::ErrorCode::corrupt_message;
    case RejectReason::too_large:
    case RejectReason::inflates_too_large:
      return api::ErrorCode::message_too_large;
    case RejectReason::codec_not_allowed:
      return api::ErrorCode::unsupported_compression_type;
    case RejectReason::window_too_large:
    case RejectReason::length_overflow:
    case RejectReason::inner_offsets_not_dense:
    case RejectReason::no_producer_epoch:
    case RejectReason::negative_timestamp:
    case RejectReason::unknown_codec:
    case RejectReason::undecodable:
      return api::ErrorCode::unknown_server_error;
    case RejectReason::invalid_timestamp:
      return api::ErrorCode::invalid_timestamp;
    case RejectReason::no_batch:
    case RejectReason::several_batches:
    case RejectReason::old_magic:
    case RejectReason::base_offset_not_zero:
    case RejectReason::bad_offset_range:
    case RejectReason::bad_count:
    case RejectReason::count_differs_from_offsets:
    case RejectReason::control_batch:
    case RejectReason::bad_sequence:
    case RejectReason::malformed_record:
    case RejectReason::records_remain:
    case RejectReason::invalid_record:
      return api::ErrorCode::invalid_record;
  }
  HW_CHECK(false);
}

std::string_view explain(RejectReason reason) {
  switch (reason) {
    case RejectReason::no_batch:
      return "the request holds no whole record batch for this partition";
    case RejectReason::several_batches:
      return "the request holds more than one record batch for this partition";
    case RejectReason::old_magic:
      return "record batches must have magic 2";
    case RejectReason::unknown_magic:
      return "the batch has a magic byte that no format has";
    case RejectReason::corrupt_length:
      return "the length of the batch is smaller than that of any batch";
    case RejectReason::no_header:
      return "the length of the batch is smaller than its header";
    case RejectReason::corrupt_crc:
      return "the checksum of the batch does not match its bytes";
    case RejectReason::too_large:
      return "the batch is larger than max.message.bytes";
    case RejectReason::inflates_too_large:
      return "the batch decompresses to more than is allowed";
    case RejectReason::window_too_large:
      return "the batch needs more than 128 MiB of history to be decompressed";
    case RejectReason::base_offset_not_zero:
      return "the base offset of a produced batch must be 0";
    case RejectReason::bad_offset_range:
      return "the last offset of the batch is before its first";
    case RejectReason::bad_count:
      return "the batch declares no records";
    case RejectReason::count_differs_from_offsets:
      return "the record count of the batch differs from its offset range";
    case RejectReason::control_batch:
      return "clients may not write control batches";
    case RejectReason::bad_sequence:
      return "a batch with a producer id needs a sequence number";
    case RejectReason::length_overflow:
      return "the length of the batch is larger than any batch can be";
    case RejectReason::inner_offsets_not_dense:
      return "the offsets inside a compressed batch must rise by one";
    case RejectReason::no_producer_epoch:
      return "a batch with a producer id needs a producer epoch to be compressed anew";
    case RejectReason::negative_timestamp:
      return "a record with a negative timestamp cannot be compressed anew";
    case RejectReason::unknown_codec:
      return "the batch names a codec that does not exist";
    case RejectReason::codec_not_allowed:
      return "zstd needs Produce version 7 or later";
    case RejectReason::undecodable:
      return "the batch cannot be decompressed";
    case RejectReason::malformed_record:
      return "a record of the batch is malformed";
    case RejectReason::records_remain:
      return "bytes are left after the last record of the batch";
    case RejectReason::invalid_record:
      return "records of the batch were refused";
    case RejectReason::invalid_timestamp:
      return "records of the batch have timestamps that this topic does not take";
  }
  HW_CHECK(false);
}

}  // namespace highwater::records
