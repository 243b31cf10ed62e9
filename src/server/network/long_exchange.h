// The pipeline for APIs whose requests and answers are lists (dispatch.h has it for all others): what is long is
// decoded and encoded by the worker, so that no turn of the loop lasts as long as a peer likes (rule L1).
#pragma once

#include <memory>
#include <utility>

#include "io/on_worker.h"
#include "io/reactor.h"
#include "server/network/dispatch.h"

namespace highwater::server {

// Frames above it go to the worker: decoding takes up to ten nanoseconds per byte.
inline constexpr std::size_t short_frame_bytes = 16 << 10;

// One request and its answer, with all they borrow from.
template <class Request, class Response>
struct Exchange {
  Slice frame;
  RequestHeader header;
  metadata::ImageHandle image;
  wire::Reader reader;
  bool decoded = false;
  Request request;
  Response response;
  Answer answer;

  explicit Exchange(const RequestContext& context)
      : frame(context.frame), header(context.header), reader(frame.view().subspan(header.size)) {}

  void read() { decoded = decode(reader, header.version, request); }
  void write() {
    wire::Writer writer;
    pipeline::begin_answer(writer, header);
    encode(writer, response, header.version);
    answer = pipeline::take_answer(writer);
    request = {};
    response = {};
  }
};

template <class Request, class Response, io::Task<Response> (*handle)(const Request&, RequestContext&),
          Response (*oversized)()>
io::Task<Answer> serve_list(RequestContext& context) {
  using Both = Exchange<Request, Response>;
  io::Reactor& reactor = *context.doors.reactor;
  auto exchange = std::make_shared<Both>(context);
  const bool is_long = context.frame.size() > short_frame_bytes;
  if (is_long) {
    co_await io::on_worker(reactor, exchange, &Both::read);
    context.held = exchange;
  } else {
    exchange->read();
  }
  if (!exchange->decoded) {
    if constexpr (oversized != nullptr) {
      Response refusal = oversized();
      if (exchange->reader.over_budget()) co_return encoded(refusal, context);
    }
    co_return pipeline::refuse(context, exchange->reader.error());
  }
  if (!pipeline::authorise(context)) co_return pipeline::refuse(context, "not allowed");
  pipeline::charge(context);

  Response response = co_await handle(exchange->request, context);
  exchange->response = std::move(response);
  if (context.answer != AnswerKind::send) co_return Answer{context.answer, {}, {}};
  exchange->image = context.image;
  tell_throttle(exchange->response, context);
  if (is_long || context.answer_length == AnswerLength::long_list) {
    co_await io::on_worker(reactor, exchange, &Both::write);
  } else {
    exchange->write();
  }
  co_return std::move(exchange->answer);
}

// The line by which such a handler joins the table.
template <class Request, class Response, io::Task<Response> (*handle)(const Request&, RequestContext&),
          Response (*oversized)() = nullptr>
constexpr Handler list_handler(ListenerReach reach = ListenerReach::brokers) {
  Handler line = handler<Request, Response, handle, oversized>(reach);
  line.serve = &serve_list<Request, Response, handle, oversized>;
  return line;
}

}  // namespace highwater::server
