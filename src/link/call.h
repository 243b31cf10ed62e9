// One request and its answer as messages: `auto answer = co_await call<ProduceResponse>(channel, std::move(request));`
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "foundation/wire/reader.h"
#include "link/channel.h"

namespace highwater::link {

// A decoded answer; its views lie in the frame.
template <class Response>
struct Answered {
  Slice frame;
  Response value;
  std::int16_t version = 0;
};

struct CallOptions {
  std::int16_t highest_version = INT16_MAX;
  Duration extra_time;  // on top of the channel's request timeout, for requests that the peer may park
};

template <class Response, class Request>
io::Task<LinkResult<Answered<Response>>> call(std::shared_ptr<Channel> channel, Request request, CallOptions options) {
  const auto key = static_cast<api::ApiKey>(Request::message_key);
  const auto version = channel->version_of(
      key, Request::lowest_version,
      std::min<std::int16_t>(options.highest_version,
                             Request::latest_unstable ? Request::highest_version - 1 : Request::highest_version));
  if (!version.has_value() || !representable(request, *version)) co_return std::unexpected(LinkError::unsupported);
  Channel::Outgoing outgoing = channel->begin(key, *version);
  outgoing.timeout = outgoing.timeout + options.extra_time;
  encode(outgoing.writer, request, *version);
  auto answer = co_await channel->exchange(std::move(outgoing));
  if (!answer.has_value()) co_return std::unexpected(answer.error());
  wire::Reader reader(answer->body);
  Answered<Response> answered{.frame = std::move(answer->frame), .version = *version};
  if (!decode(reader, *version, answered.value)) {
    channel->close();
    co_return std::unexpected(LinkError::malformed);
  }
  co_return LinkResult<Answered<Response>>(std::move(answered));
}

}  // namespace highwater::link
