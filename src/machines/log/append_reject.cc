#include "machines/log/append_reject.h"

#include "foundation/base/check.h"

namespace highwater::log {

api::ErrorCode kafka_error(AppendReject reject) {
  switch (reject) {
    case AppendReject::stale_producer_epoch:
      return api::ErrorCode::invalid_producer_epoch;
    case AppendReject::out_of_order_sequence:
      return api::ErrorCode::out_of_order_sequence_number;
    case AppendReject::invalid_transaction_state:
      return api::ErrorCode::invalid_txn_state;
    case AppendReject::stale_coordinator_epoch:
      return api::ErrorCode::transaction_coordinator_fenced;
    case AppendReject::larger_than_segment:
      return api::ErrorCode::record_list_too_large;
    case AppendReject::too_many_producers:
      return api::ErrorCode::policy_violation;
  }
  HW_CHECK(false);
}

std::string_view explain(AppendReject reject) {
  switch (reject) {
    case AppendReject::stale_producer_epoch:
      return "a newer epoch of this producer has written here";
    case AppendReject::out_of_order_sequence:
      return "the sequence number does not follow the producer's last one here";
    case AppendReject::invalid_transaction_state:
      return "the write does not fit the state of the producer's transaction";
    case AppendReject::stale_coordinator_epoch:
      return "a newer transaction coordinator has written here";
    case AppendReject::larger_than_segment:
      return "the batch is larger than segment.bytes";
    case AppendReject::too_many_producers:
      return "this partition has state of too many producers; idle ones expire";
  }
  HW_CHECK(false);
}

}  // namespace highwater::log
