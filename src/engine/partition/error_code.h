// The errors that a partition answers with, by Kafka's numbers (org.apache.kafka.common.protocol.Errors). Every value
// here has the same name and number in protocol/api.
#pragma once

#include <cstdint>

namespace highwater::engine {

enum class ErrorCode : std::int16_t {
  unknown_server_error = -1,
  none = 0,
  offset_out_of_range = 1,
  corrupt_message = 2,
  unknown_topic_or_partition = 3,
  not_leader_or_follower = 6,
  request_timed_out = 7,
  message_too_large = 10,
  record_list_too_large = 18,
  not_enough_replicas = 19,
  not_enough_replicas_after_append = 20,
  invalid_required_acks = 21,
  invalid_timestamp = 32,
  invalid_request = 42,
  policy_violation = 44,
  out_of_order_sequence_number = 45,
  duplicate_sequence_number = 46,
  invalid_producer_epoch = 47,
  invalid_txn_state = 48,
  transaction_coordinator_fenced = 52,
  kafka_storage_error = 56,
  fenced_leader_epoch = 74,
  unknown_leader_epoch = 75,
  unsupported_compression_type = 76,
  offset_not_available = 78,
  invalid_record = 87,
  unknown_topic_id = 100,
  inconsistent_topic_id = 103,
};

}  // namespace highwater::engine
