#include "foundation/wire/reader.h"
#include "link/channel.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"

namespace highwater::link {

// KIP-511: the newest version is tried first; who does not know it answers in version 0 with what it knows.
io::Task<LinkResult<void>> Channel::ask_versions() {
  const std::int16_t newest = messages::ApiVersionsRequest::highest_version;
  Outgoing request = begin(api::ApiKey::api_versions, newest);
  encode(request.writer,
         messages::ApiVersionsRequest{.client_software_name = "highwater", .client_software_version = "4.3"}, newest);
  auto answer = co_await exchange(std::move(request));
  if (!answer.has_value()) co_return std::unexpected(answer.error());
  wire::Reader peek(answer->body);
  const std::int16_t code = peek.i16();
  const bool old = code == api::wire_code(api::ErrorCode::unsupported_version);
  wire::Reader reader(answer->body);
  messages::ApiVersionsResponse response;
  if (!decode(reader, old ? std::int16_t{0} : newest, response)) co_return std::unexpected(LinkError::malformed);
  if (code != 0 && !old) co_return std::unexpected(LinkError::malformed);
  for (const auto& each : response.api_keys) versions_.push_back({each.api_key, each.min_version, each.max_version});
  co_return LinkResult<void>{};
}

}  // namespace highwater::link
