#include "server/network/dispatch.h"

#include "foundation/base/check.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/api_versions_response.h"

namespace highwater::server {

HandlerTable::HandlerTable(std::span<const Handler> handlers) : handlers_(handlers) {
  for (const Handler& handler : handlers) {
    const auto index = static_cast<std::size_t>(handler.key);
    HW_CHECK(index < key_count && by_key_[index] == nullptr);
    by_key_[index] = &handler;
  }
}

const Handler* HandlerTable::find(const RequestHeader& header, ListenerKind listener) const {
  if (header.api == nullptr) return nullptr;
  const auto index = static_cast<std::size_t>(header.key);
  if (index >= key_count || by_key_[index] == nullptr) return nullptr;
  const Handler& handler = *by_key_[index];
  return handler.serves_on(listener) && handler.serves(header.version) ? &handler : nullptr;
}

namespace pipeline {

bool authorise(const RequestContext& context) {
  // What concerns single topics is asked by the handlers, which know how to hide them. An API of brokers and
  // controllers among themselves is for those who may act for the cluster.
  if (context.header.api->on_broker) return true;
  return context.allows(Operation::cluster_action, Resource::cluster, cluster_resource);
}

void charge(RequestContext& context) {
  const Charge charge{context.peer.principal, context.client_id(), context.header.api->key, context.frame.size(),
                      context.received};
  context.throttle = context.doors.quotas.charge(charge);
}

Answer refuse(const RequestContext& context, std::string_view why) {
  std::string reason(context.header.api->name);
  reason += " version ";
  reason += std::to_string(context.version());
  reason += ": ";
  reason += why;
  return {AnswerKind::hang_up, {}, std::move(reason)};
}

std::size_t begin_answer(wire::Writer& writer, const RequestHeader& header) {
  const std::size_t begun = writer.size();
  writer.i32(0);
  writer.i32(header.correlation_id);
  // ApiVersions answers with the oldest header always: the client cannot know yet what is understood here.
  const bool tagged = header.api->flexible_from <= header.version;
  if (tagged && header.api->key != api::ApiKey::api_versions) writer.uvarint(0);
  return begun;
}

void end_answer(wire::Writer& writer, std::size_t begun) {
  writer.patch_i32(begun, static_cast<std::int32_t>(writer.size() - begun - 4));
}

Answer take_answer(wire::Writer& writer) {
  end_answer(writer, 0);
  return {AnswerKind::send, writer.take_pieces(), {}};
}

}  // namespace pipeline

Answer unsupported_api_versions(std::int32_t correlation_id, const Handler& api_versions) {
  messages::ApiVersionsResponse response;
  response.error_code = static_cast<std::int16_t>(api::ErrorCode::unsupported_version);
  messages::ApiVersionsResponse::ApiVersion range;
  range.api_key = static_cast<std::int16_t>(api_versions.key);
  range.min_version = api_versions.lowest;
  range.max_version = api_versions.highest;
  response.api_keys.push_back(range);
  wire::Writer writer;
  writer.i32(0);
  writer.i32(correlation_id);
  encode(writer, response, 0);
  return pipeline::take_answer(writer);
}

}  // namespace highwater::server
