// PushTelemetry: the metrics of a client, checked and unpacked as by a Kafka broker, and given to nobody: there is no
// receiver (KIP-714).
#include <array>
#include <memory>

#include "foundation/compress/decompressor.h"
#include "io/on_worker.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/push_telemetry_request.h"
#include "protocol/messages/push_telemetry_response.h"
#include "protocol/records/codecs.h"
#include "server/handlers/handlers.h"
#include "server/handlers/telemetry_subscriptions.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::PushTelemetryRequest;
using messages::PushTelemetryResponse;

constexpr Uuid one = Uuid::from_halves(0, 1);  // reserved, as zero is

// Whether packed metrics are what their codec writes, and no larger than allowed.
class Unpacking {
 public:
  Unpacking(compress::Codec codec, ByteView packed, std::size_t bytes_max)
      : codec_(codec), packed_(packed.begin(), packed.end()), bytes_max_(bytes_max) {}

  void run() {
    const auto stream = compress::make_decompressor(codec_, packed_, bytes_max_);
    std::array<std::uint8_t, std::size_t{16} << 10> piece;
    while (!stream->finished())
      if (!stream->read(piece)) return;
    whole_ = true;
  }
  bool whole() const { return whole_; }

 private:
  compress::Codec codec_;
  std::vector<std::uint8_t> packed_;
  std::size_t bytes_max_;
  bool whole_ = false;
};

}  // namespace

io::Task<PushTelemetryResponse> push_telemetry(const PushTelemetryRequest& request, RequestContext& context) {
  using Farewell = TelemetryClients::Farewell;
  PushTelemetryResponse response;
  const Uuid& client = request.client_instance_id;
  if (client.is_zero() || client == one) {
    response.error_code = api::wire_code(ErrorCode::invalid_request);
    co_return response;
  }
  TelemetryClients::Push push{client, request.subscription_id, request.compression_type};
  push.farewell = request.terminating ? Farewell::terminating : Farewell::staying;
  push.bytes = request.metrics.size();
  push.bytes_max = static_cast<std::size_t>(telemetry_bytes_max(context));
  const ClientSubscription subscription = co_await subscription_of(client, context);
  ErrorCode error = context.peer.telemetry.push(push, subscription.terms, context.doors.reactor->now());
  if (error == ErrorCode::none && request.compression_type != 0 && !request.metrics.empty()) {
    const auto codec = records::compressed_with(static_cast<records::Codec>(request.compression_type));
    const auto unpacking = std::make_shared<Unpacking>(codec, request.metrics.view(), push.bytes_max);
    co_await io::on_worker(*context.doors.reactor, unpacking, &Unpacking::run);
    if (!unpacking->whole()) error = ErrorCode::invalid_record;
    context.peer.telemetry.pushed(client, error);
  }
  response.error_code = api::wire_code(error);
  co_return response;
}

}  // namespace highwater::server
