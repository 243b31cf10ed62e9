#include "client/errors.h"

#include <algorithm>
#include <array>

namespace highwater::client {

namespace {

using api::ErrorCode;

// After these nobody knows whether the batch was appended.
constexpr std::array retried_in_doubt = {
    ErrorCode::request_timed_out,      ErrorCode::not_enough_replicas_after_append,
    ErrorCode::not_leader_or_follower, ErrorCode::fenced_leader_epoch,
    ErrorCode::kafka_storage_error,    ErrorCode::network_exception,
};
constexpr std::array retried_unwritten = {
    ErrorCode::leader_not_available,      ErrorCode::not_enough_replicas,   ErrorCode::unknown_topic_or_partition,
    ErrorCode::unknown_topic_id,          ErrorCode::inconsistent_topic_id, ErrorCode::corrupt_message,
    ErrorCode::throttling_quota_exceeded,
};
constexpr std::array refused = {
    ErrorCode::message_too_large,
    ErrorCode::record_list_too_large,
    ErrorCode::invalid_record,
    ErrorCode::invalid_timestamp,
    ErrorCode::invalid_required_acks,
    ErrorCode::invalid_request,
    ErrorCode::unsupported_version,
    ErrorCode::unsupported_for_message_format,
    ErrorCode::unsupported_compression_type,
    ErrorCode::topic_authorization_failed,
    ErrorCode::cluster_authorization_failed,
    ErrorCode::transactional_id_authorization_failed,
    ErrorCode::invalid_topic_exception,
    ErrorCode::out_of_order_sequence_number,
    ErrorCode::invalid_producer_epoch,
    ErrorCode::unknown_producer_id,
    ErrorCode::producer_fenced,
};

template <class Codes>
bool has(const Codes& codes, ErrorCode code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

WriteMeaning meaning_for_producer(ErrorCode code) {
  using Next = WriteMeaning::Next;
  if (code == ErrorCode::none || code == ErrorCode::duplicate_sequence_number) {
    return {Certainty::written, Next::done};
  }
  if (has(retried_in_doubt, code)) return {Certainty::unknown, Next::retry};
  if (has(retried_unwritten, code)) return {Certainty::not_written, Next::retry};
  if (has(refused, code)) return {Certainty::not_written, Next::give_up};
  return {Certainty::unknown, Next::give_up};
}

WriteMeaning meaning_for_producer(link::LinkError error) {
  using Next = WriteMeaning::Next;
  switch (error) {
    case link::LinkError::unreachable:
    case link::LinkError::busy:
      return {Certainty::not_written, Next::retry};
    case link::LinkError::unsupported:
      return {Certainty::not_written, Next::give_up};
    case link::LinkError::disconnected:
    case link::LinkError::timed_out:
    case link::LinkError::malformed:
      return {Certainty::unknown, Next::retry};
  }
  return {Certainty::unknown, Next::give_up};
}

bool asks_for_metadata(api::ErrorCode code) {
  return code == api::ErrorCode::not_leader_or_follower || code == api::ErrorCode::unknown_topic_or_partition ||
         code == api::ErrorCode::unknown_topic_id || code == api::ErrorCode::inconsistent_topic_id ||
         code == api::ErrorCode::leader_not_available || code == api::ErrorCode::kafka_storage_error ||
         code == api::ErrorCode::fenced_leader_epoch || code == api::ErrorCode::unknown_leader_epoch ||
         code == api::ErrorCode::replica_not_available;
}

}  // namespace highwater::client
