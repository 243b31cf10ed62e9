#include "link/channel.h"

#include <algorithm>
#include <array>

#include "foundation/wire/reader.h"
#include "protocol/api/versions.h"
#include "protocol/messages/request_header.h"
#include "protocol/messages/response_header.h"

namespace highwater::link {

namespace {

constexpr std::size_t pieces_per_write = 64;
constexpr Duration watch_interval = Duration::from_seconds(1);

}  // namespace

Channel::Channel(io::Reactor& reactor, io::Address address, ChannelOptions options)
    : reactor_(&reactor), address_(std::move(address)), options_(std::move(options)), tasks_(reactor.ready()) {}

Channel::~Channel() { fail(LinkError::disconnected); }

std::optional<std::int16_t> Channel::version_of(api::ApiKey key, std::int16_t lowest, std::int16_t highest) const {
  for (const SpokenVersions& spoken : versions_) {
    if (spoken.key != static_cast<std::int16_t>(key)) continue;
    const std::int16_t version = std::min(spoken.highest, highest);
    if (version >= std::max(spoken.lowest, lowest)) return version;
  }
  return std::nullopt;
}

io::Task<LinkResult<void>> Channel::open() {
  HW_CHECK(state_ == State::fresh);
  state_ = State::opening;
  auto socket = co_await reactor_->network().connect(address_, options_.connect_timeout);
  if (!socket.has_value() || state_ != State::opening) {
    state_ = State::closed;
    co_return std::unexpected(LinkError::unreachable);
  }
  socket_ = std::move(*socket);
  tasks_.spawn(read_loop());
  const LinkResult<void> asked = co_await ask_versions();
  if (!asked.has_value()) {
    fail(asked.error());
    co_return asked;
  }
  if (state_ != State::opening) co_return std::unexpected(LinkError::disconnected);
  state_ = State::open;
  co_return LinkResult<void>{};
}

Channel::Outgoing Channel::begin(api::ApiKey key, std::int16_t version) {
  Outgoing request{wire::Writer(256), key, version, next_correlation_++, options_.request_timeout};
  request.writer.i32(0);  // the frame's size, patched when it is known
  encode(request.writer,
         messages::RequestHeader{.request_api_key = static_cast<std::int16_t>(key),
                                 .request_api_version = version,
                                 .correlation_id = request.correlation_id,
                                 .client_id = wire::Text(options_.client_id)},
         api::request_header_version(key, version));
  return request;
}

void Channel::queue(Outgoing& request) {
  request.writer.patch_i32(0, static_cast<std::int32_t>(request.writer.size() - 4));
  for (Slice& piece : request.writer.take()) outgoing_.push_back(std::move(piece));
  if (!writing_) {
    writing_ = true;
    tasks_.spawn(write_loop());
  }
}

io::Future<LinkResult<Answer>> Channel::exchange(Outgoing request) {
  using Answered = io::Future<LinkResult<Answer>>;
  if (state_ != State::open && state_ != State::opening) {
    return Answered::ready(std::unexpected(LinkError::disconnected));
  }
  if (full()) return Answered::ready(std::unexpected(LinkError::busy));
  auto [promise, future] = reactor_->make_future<LinkResult<Answer>>();
  pending_.push_back(
      {request.key, request.version, request.correlation_id, reactor_->now() + request.timeout, std::move(promise)});
  queue(request);
  if (!watching_ && state_ != State::closed) {
    watching_ = true;
    tasks_.spawn(watch_deadlines());
  }
  return std::move(future);
}

LinkResult<void> Channel::send_only(Outgoing request) {
  if (state_ != State::open) return std::unexpected(LinkError::disconnected);
  queue(request);
  if (state_ != State::open) return std::unexpected(LinkError::disconnected);
  return {};
}

io::Task<bool> Channel::read_exactly(MutableBytes target) {
  while (!target.empty() && state_ != State::closed) {
    const auto taken = socket_->try_read(target);
    if (!taken.has_value()) co_return false;
    if (taken->has_value()) {
      if (**taken == 0) co_return false;
      target = target.subspan(**taken);
      continue;
    }
    const io::IoStatus status = co_await socket_->readable();
    if (!status.has_value()) co_return false;
  }
  co_return target.empty();
}

io::Task<void> Channel::read_loop() {
  std::array<std::uint8_t, 4> prefix;
  for (;;) {
    const bool begun = co_await read_exactly(prefix);
    if (!begun) break;
    const std::int32_t size = wire::Reader(prefix).i32();
    if (size < 4 || static_cast<std::size_t>(size) > options_.answer_bytes_max) co_return fail(LinkError::malformed);
    Slice frame = Slice::allocate(static_cast<std::size_t>(size));
    const bool whole = co_await read_exactly(frame.writable());
    if (!whole) break;
    if (!deliver(std::move(frame))) co_return fail(LinkError::malformed);
  }
  fail(LinkError::disconnected);
}

bool Channel::deliver(Slice frame) {
  if (pending_.empty()) return false;
  Pending& first = pending_.front();
  wire::Reader reader(frame.view());
  messages::ResponseHeader header;
  if (!decode(reader, api::response_header_version(first.key, first.version), header)) return false;
  if (header.correlation_id != first.correlation_id) return false;
  auto promise = std::move(first.promise);
  pending_.pop_front();
  const ByteView body = reader.rest();
  promise.complete(Answer{std::move(frame), body});
  return true;
}

io::Task<void> Channel::write_loop() {
  while (!outgoing_.empty() && state_ != State::closed) {
    std::array<ByteView, pieces_per_write> pieces;
    const std::size_t count = std::min(outgoing_.size(), pieces_per_write);
    for (std::size_t i = 0; i < count; ++i) pieces[i] = outgoing_[i].view();
    const auto taken = socket_->try_write(std::span(pieces).first(count));
    if (!taken.has_value()) {
      fail(LinkError::disconnected);
      break;
    }
    std::size_t left = *taken;
    while (left > 0 && left >= outgoing_.front().size()) {
      left -= outgoing_.front().size();
      outgoing_.pop_front();
    }
    if (left > 0) outgoing_.front() = outgoing_.front().part(left, outgoing_.front().size() - left);
    if (*taken > 0) continue;
    const io::IoStatus status = co_await socket_->writable();
    if (!status.has_value()) fail(LinkError::disconnected);
  }
  writing_ = false;
}

// Kafka's clients give up a connection on which an answer is overdue: what comes later could not be told apart.
io::Task<void> Channel::watch_deadlines() {
  while (!pending_.empty()) {
    Instant earliest = Instant::never();
    for (const Pending& each : pending_) earliest = std::min(earliest, each.deadline);
    if (earliest <= reactor_->now()) {
      fail(LinkError::timed_out);
      break;
    }
    const Instant next_look = std::min(earliest, reactor_->now() + watch_interval);
    co_await reactor_->sleep_until(next_look);
  }
  watching_ = false;
}

void Channel::fail(LinkError error) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  outgoing_.clear();
  if (socket_ != nullptr) socket_->close();
  auto pending = std::move(pending_);
  pending_.clear();
  for (Pending& each : pending) each.promise.complete(std::unexpected(error));
}

}  // namespace highwater::link
