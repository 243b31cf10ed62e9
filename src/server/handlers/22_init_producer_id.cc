// InitProducerId: an id for an idempotent producer. v3 the producer names the id it had (KIP-360)
#include "engine/quorum/producer_ids.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::InitProducerIdRequest;
using messages::InitProducerIdResponse;

ErrorCode refusal(const InitProducerIdRequest& request, const RequestContext& context) {
  if (request.transactional_id) {
    // Transactions are not built. This is the one answer that every client takes as final.
    return request.transactional_id->empty() ? ErrorCode::invalid_request
                                             : ErrorCode::transactional_id_authorization_failed;
  }
  if (!context.allows(Operation::idempotent_write, Resource::cluster, cluster_resource)) {
    return ErrorCode::cluster_authorization_failed;
  }
  const bool names_id = request.producer_id != no_producer_id;
  const bool names_epoch = request.producer_epoch != -1;
  return names_id == names_epoch ? ErrorCode::none : ErrorCode::invalid_request;
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
