// InitProducerId: an id for an idempotent producer. v3 the producer names the id it had (KIP-360)
#include "engine/quorum/producer_ids.h"
#include "machines/configs/broker_settings.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::InitProducerIdRequest;
using messages::InitProducerIdResponse;

// Transactions are not built: what Kafka's coordinator refuses is refused alike, and the rest with the one answer that
// every client takes as final.
ErrorCode transactional_refusal(const InitProducerIdRequest& request, std::int32_t timeout_max_ms) {
  if (request.transactional_id->empty()) return ErrorCode::invalid_request;
  if (request.enable2_pc) return ErrorCode::transactional_id_authorization_failed;
  if (request.keep_prepared_txn) return ErrorCode::unsupported_version;
  if (request.transaction_timeout_ms <= 0 || request.transaction_timeout_ms > timeout_max_ms) {
    return ErrorCode::invalid_transaction_timeout;
  }
  return ErrorCode::transactional_id_authorization_failed;
}

ErrorCode refusal(const InitProducerIdRequest& request, const RequestContext& context) {
  const bool transactional = request.transactional_id.has_value();
  if (!transactional && !context.allows(Operation::idempotent_write, Resource::cluster, cluster_resource)) {
    return ErrorCode::cluster_authorization_failed;
  }
  const bool names_id = request.producer_id != no_producer_id;
  const bool names_epoch = request.producer_epoch != -1;
  if (names_id != names_epoch) return ErrorCode::invalid_request;
  return transactional ? transactional_refusal(request, context.doors.settings->transaction_max_timeout_ms)
                       : ErrorCode::none;
}

}  // namespace

io::Task<InitProducerIdResponse> init_producer_id(const InitProducerIdRequest& request, RequestContext& context) {
  InitProducerIdResponse response;
  response.producer_id = no_producer_id;
  response.producer_epoch = -1;
  ErrorCode error = refusal(request, context);
  if (error == ErrorCode::none) {
    // Without a transactional id there is nothing to bump: a new id, whatever the producer had before.
    const Result<ProducerId, ErrorCode> id = co_await context.doors.producer_ids->next();
    if (id) {
      response.producer_id = *id;
      response.producer_epoch = 0;
    } else {
      error = id.error();
    }
  }
  response.error_code = api::wire_code(error);
  co_return response;
}

}  // namespace highwater::server
