// Why a batch that is well formed may still not enter this log now.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/api/error_code.h"
#include "protocol/records/append_origin.h"

namespace highwater::log {

//                               Kafka's error
enum class AppendReject : std::uint8_t {
  stale_producer_epoch,       // INVALID_PRODUCER_EPOCH 47
  out_of_order_sequence,      // OUT_OF_ORDER_SEQUENCE_NUMBER 45
  invalid_transaction_state,  // INVALID_TXN_STATE 48
  stale_coordinator_epoch,    // TRANSACTION_COORDINATOR_FENCED 52
  larger_than_segment,        // RECORD_LIST_TOO_LARGE 18
  too_many_producers,         // POLICY_VIOLATION 44; ours, see producers_max
};

api::ErrorCode kafka_error(AppendReject reject);
// One sentence for the answer's error message.
std::string_view explain(AppendReject reject);

using records::AppendOrigin;

}  // namespace highwater::log
