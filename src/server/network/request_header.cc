#include "server/network/request_header.h"

#include "foundation/wire/reader.h"

namespace highwater::server {

std::optional<RequestHeader> read_request_header(ByteView frame) {
  wire::Reader reader(frame);
  RequestHeader header;
  header.key = reader.i16();
  header.version = reader.i16();
  if (!reader.ok()) return std::nullopt;
  header.api = api::find_api(header.key);
  if (header.api == nullptr) return header;
  header.version_known = header.api->knows(header.version);
  header.correlation_id = reader.i32();
  if (const auto client_id = reader.nullable_text(wire::Form::classic)) header.client_id = client_id->view();
  if (header.version_known && header.version >= header.api->flexible_from) reader.skip_tags();
  if (!reader.ok()) return std::nullopt;
  header.size = frame.size() - reader.remaining();
  return header;
}

}  // namespace highwater::server
