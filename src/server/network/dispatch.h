// The one way from a frame to an answer: decode, authorise, quota, handler, encode. Every API goes through it; a
// handler is only the part that differs. Kafka: RequestContext.parseRequest, KafkaApis.handle, RequestHandlerHelper.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "protocol/api/api_table.h"
#include "server/network/answer.h"

namespace highwater::server {

// The handlers by key; made once, shared by all cores.
class HandlerTable {
 public:
  explicit HandlerTable(std::span<const Handler> handlers);

  // Null when nobody serves that version of that API on such a listener.
  const Handler* find(const RequestHeader& header, ListenerKind listener) const;
  // Null when that API is not served at all.
  const Handler* find_key(api::ApiKey key) const { return by_key_[static_cast<std::size_t>(key)]; }
  std::span<const Handler> all() const { return handlers_; }

 private:
  static constexpr std::size_t key_count = 128;
  std::span<const Handler> handlers_;
  std::array<const Handler*, key_count> by_key_{};
};

// Steps of the pipeline that do not know the message.
namespace pipeline {

// False: the caller may not use this API at all; the connection is closed.
bool authorise(const RequestContext& context);
void charge(RequestContext& context);
Answer refuse(const RequestContext& context, std::string_view why);
// Room for the size and the response header, filled in by end_answer. The place of the answer in the writer.
std::size_t begin_answer(wire::Writer& writer, const RequestHeader& header);
void end_answer(wire::Writer& writer, std::size_t begun);
// Ends the one answer that the writer holds, and takes it.
Answer take_answer(wire::Writer& writer);

}  // namespace pipeline

template <class Response>
void tell_throttle(Response& response, const RequestContext& context) {
  if constexpr (requires { response.throttle_time_ms; }) {
    response.throttle_time_ms = static_cast<std::int32_t>(context.throttle.ms());
  }
}

// Behind what `writer` holds already, which must be without slices.
template <class Response>
void write_answer(wire::Writer& writer, Response& response, const RequestContext& context) {
  tell_throttle(response, context);
  const std::size_t begun = pipeline::begin_answer(writer, context.header);
  encode(writer, response, context.version());
  pipeline::end_answer(writer, begun);
}

template <class Response>
Answer encoded(Response& response, const RequestContext& context) {
  wire::Writer writer;
  write_answer(writer, response, context);
  return {AnswerKind::send, writer.take_pieces(), {}};
}

// `oversized` answers a request whose arrays would take more memory than a request may; without it such a request is
// refused like one that cannot be read.
template <class Request, class Response, io::Task<Response> (*handle)(const Request&, RequestContext&),
          Response (*oversized)()>
io::Task<Answer> serve(RequestContext& context) {
  Request request;
  wire::Reader reader(context.frame.view().subspan(context.header.size));
  if (!decode(reader, context.version(), request)) {
    if constexpr (oversized != nullptr) {
      Response refusal = oversized();
      if (reader.over_budget()) co_return encoded(refusal, context);
    }
    co_return pipeline::refuse(context, reader.error());
  }

  if (!pipeline::authorise(context)) co_return pipeline::refuse(context, "not allowed");

  pipeline::charge(context);

  Response response = co_await handle(request, context);
  if (context.answer != AnswerKind::send) co_return Answer{context.answer, {}, {}};
  co_return encoded(response, context);
}

// The versions of a schema, without an unstable latest one.
template <class Request>
constexpr Handler served(ListenerReach reach) {
  return {.key = static_cast<api::ApiKey>(Request::message_key),
          .lowest = Request::lowest_version,
          .highest = static_cast<std::int16_t>(Request::latest_unstable ? Request::highest_version - 1
                                                                        : Request::highest_version),
          .serve = nullptr,
          .reach = reach};
}

// The line by which a handler joins the table.
template <class Request, class Response, io::Task<Response> (*handle)(const Request&, RequestContext&),
          Response (*oversized)() = nullptr>
constexpr Handler handler(ListenerReach reach = ListenerReach::brokers) {
  Handler made = served<Request>(reach);
  made.serve = &serve<Request, Response, handle, oversized>;
  return made;
}

// The same for an API that is answered by a DirectRequest.
template <class Request, std::unique_ptr<DirectRequest> (*direct)(RequestContext&&, DirectSlot)>
constexpr Handler handler() {
  Handler made = served<Request>(ListenerReach::brokers);
  made.direct = direct;
  return made;
}

// ApiVersions in a version that nobody here knows: answered in version 0 with UNSUPPORTED_VERSION and the range of
// ApiVersions alone, so that the client can fall back (KIP-511).
Answer unsupported_api_versions(std::int32_t correlation_id, const Handler& api_versions);

}  // namespace highwater::server
