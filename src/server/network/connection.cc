#include "server/network/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/quorum/metadata_publisher.h"
#include "server/network/foreign_beginning.h"
#include "server/network/limits.h"
#include "server/network/peer_text.h"

namespace highwater::server {
namespace {

bool is_produce(const Handler& handler) { return handler.key == api::ApiKey::produce; }

// Drops the first `taken` elements once that is cheaper than carrying them along.
template <class T>
std::size_t drop_front(std::vector<T>& list, std::size_t taken) {
  constexpr std::size_t worth_it = 256;
  if (taken == list.size()) {
    list.clear();
  } else if (taken >= worth_it) {
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(taken));
  } else {
    return 0;
  }
  return taken;
}

}  // namespace

Connection::Connection(ConnectionRoom& room, ConnectionParts parts)
    : room_(room),
      socket_(std::move(parts.socket)),
      peer_(std::move(parts.peer)),
      frames_(std::move(parts.frames)),
      last_active_(parts.last_active),
      frame_begun_(parts.frame_begun),
      tasks_(room.reactor.ready()) {
  account();
}

ConnectionParts Connection::accepted(const ConnectionRoom& room, std::unique_ptr<io::Socket> socket,
                                     const ListenerInfo& listener) {
  io::Address address = socket->peer();
  Peer peer;
  peer.address = std::move(address.host);
  peer.port = address.port;
  peer.listener = &listener;
  return {std::move(socket), std::move(peer), FrameBuffer(room.limits.frame_bytes_max), room.reactor.now()};
}

io::Task<void> Connection::run() {
  while (!closed_ && !may_leave()) {
    if (!may_read()) {
      auto [promise, room_made] = room_.reactor.make_future<io::Done>();
      room_made_ = std::move(promise);
      co_await std::move(room_made);
      // The time in which the connection was not read is not the peer's.
      if (frames_.frame_begun()) frame_begun_ = room_.reactor.now();
      continue;
    }
    const io::IoStatus status = co_await socket_->readable();
    if (closed_) break;
    if (!status) {
      close();
      break;
    }
    consider_moving();
    if (!may_read()) continue;
    const Left left = read_what_is_there();
    start_what_may_start();
    keep_what_waits();
    account();
    // readable() does not wait while bytes are there: the others shall have their turn (L1).
    if (left == Left::perhaps_more) co_await room_.reactor.sleep_until(room_.reactor.now());
  }
}

std::optional<engine::CoreIndex> Connection::destination() const { return closed_ ? std::nullopt : destination_; }

ConnectionParts Connection::release() {
  HW_CHECK(may_leave());
  socket_->detach();
  ConnectionParts parts{std::move(socket_), std::move(peer_), std::move(frames_), last_active_, frame_begun_};
  parts.peer.affinity.moved();
  closed_ = true;
  account();
  return parts;
}

void Connection::finish() {
  input_ended_ = true;
  // A parked fetch or a wait for the controller is the client's to repeat; a record on its way is worth the wait.
  if (in_flight_ > 0 && !only_produce_in_flight_) return close();
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(next_waiting_), waiting_.end());
  close_when_sent();
}

void Connection::close() {
  if (std::exchange(closed_, true)) return;
  ++room_.counters.closed;
  socket_->close();
  account();
  if (room_made_.pending()) room_made_.complete({});
}

void Connection::try_again() {
  if (!closed_ && (room_made_.pending() || next_waiting_ < waiting_.size())) start_what_may_start();
}

void Connection::shed(std::string_view why) {
  if (closed_) return;
  ++room_.counters.shed;
  room_.refusals.note(peer_.address, std::string(why) + ", closed", room_.reactor.now());
  close();
}

void Connection::check_deadlines(Instant now) {
  if (closed_) return;
  const ConnectionLimits& limits = room_.limits;
  const bool frame_late = may_read() && frame_begun_ != Instant::never() && now - frame_begun_ > limits.frame_time_max;
  const bool write_late = write_blocked_ != Instant::never() && now - write_blocked_ > limits.write_time_max;
  const bool idle = in_flight_ == 0 && now - last_active_ > limits.idle_time_max;
  if (!frame_late && !write_late && !idle) return;
  ++room_.counters.timed_out;
  if (frame_late) room_.refusals.note(peer_.address, "a request did not arrive in time, closed", now);
  if (write_late) room_.refusals.note(peer_.address, "answers are not taken, closed", now);
  close();
}

// -- reading ----------------------------------------------------------------------------------------------------------

bool Connection::may_read() const {
  return !input_ended_ && !destination_ && waiting_bytes_ < waiting_bytes_max &&
         in_flight_bytes_ < in_flight_bytes_max && in_flight_ < in_flight_requests_max &&
         unsent_bytes_ < unsent_bytes_max && memory_allows();
}

// Produce ends by itself. What else is in flight may last, and only reading tells that its peer has gone.
void Connection::consider_moving() {
  if (!room_.moves_connections || (in_flight_ > 0 && !only_produce_in_flight_)) return;
  destination_ = peer_.affinity.better_than(room_.core);
}

bool Connection::may_leave() const {
  return destination_ && !closed_ && !input_ended_ && in_flight_ == 0 && next_waiting_ == waiting_.size() &&
         slots_.empty() && unsent_.empty();
}

bool Connection::memory_allows() const {
  if (room_.memory.requests_full() && (in_flight_ > 0 || next_waiting_ < waiting_.size())) return false;
  if (!room_.memory.bytes_full() || room_.finishing == this) return true;
  return room_.finishing == nullptr && frames_.frame_begun();
}

// Tells the room what the requests of this connection hold. Called wherever that changes and others may care.
void Connection::account() {
  RequestMemory::Held now;
  if (!closed_) {
    now = {frames_.memory() + waiting_bytes_ + in_flight_bytes_, waiting_.size() - next_waiting_, unsent_bytes_};
  }
  bool others_may_read = room_.memory.change(std::exchange(held_, now), now) == RequestMemory::Change::room_made;
  if (room_.finishing == this && (closed_ || !frames_.frame_begun() || !room_.memory.bytes_full())) {
    room_.finishing = nullptr;
    others_may_read = true;
  }
  if (others_may_read && room_.when_room_is_made != nullptr) room_.reactor.request_turn_end(*room_.when_room_is_made);
}

Connection::Left Connection::read_what_is_there() {
  std::size_t total = 0;
  if (room_.memory.bytes_full()) room_.finishing = this;
  while (total < turn_bytes_max && !input_ended_) {
    if (!room_.scratch.sole_owner()) room_.scratch = Slice::allocate(scratch_bytes);
    const MutableBytes space = frames_.space(room_.scratch);
    const io::IoResult<std::optional<std::size_t>> got = socket_->try_read(space);
    if (!got || !got->has_value() || **got == 0) {
      frames_.settle();
      if (!got) {
        close();
      } else if (got->has_value()) {
        end_of_stream();
      }
      return Left::nothing;
    }
    const std::size_t count = **got;
    total += count;
    room_.counters.bytes_in += count;
    last_active_ = room_.reactor.now();
    frames_.filled(count);
    bool completed = false;
    while (std::optional<Slice> frame = frames_.next()) {
      take_frame(std::move(*frame));
      completed = true;
    }
    frames_.settle();
    if (frames_.broken()) refuse(size_refused(frames_.broken_size()));
    if (!frames_.frame_begun()) {
      frame_begun_ = Instant::never();
    } else if (completed || frame_begun_ == Instant::never()) {
      frame_begun_ = room_.reactor.now();
    }
    if (count < space.size()) return Left::nothing;
  }
  return Left::perhaps_more;
}

void Connection::take_frame(Slice frame) {
  if (input_ended_) return;
  std::optional<RequestHeader> header = read_request_header(frame.view());
  if (!header) return refuse("a request header cannot be read");
  Waiting request{std::move(frame), *header, room_.handlers.find(*header, peer_.listener->kind), frames_.in_scratch()};
  if (request.handler == nullptr) {
    const bool falls_back = header->api != nullptr && header->api->key == api::ApiKey::api_versions;
    if (!falls_back) {
      return refuse("API key " + std::to_string(header->key) + " in version " + std::to_string(header->version) +
                    " is not served on listener " + peer_.listener->name);
    }
  }
  // What may last keeps its own bytes and not those of its neighbours.
  if (request.handler == nullptr || request.handler->direct == nullptr) request.leave_scratch();
  waiting_bytes_ += request.frame.size();
  waiting_.push_back(std::move(request));
}

void Connection::Waiting::leave_scratch() {
  if (!std::exchange(in_scratch, false)) return;
  frame = Slice::copy_of(frame.view());
  header = *read_request_header(frame.view());
}

void Connection::keep_what_waits() {
  for (std::size_t i = next_waiting_; i < waiting_.size(); ++i) waiting_[i].leave_scratch();
}

void Connection::end_of_stream() {
  input_ended_ = true;
  // Nobody will read an answer; only records on their way, and requests behind them, are still worth something.
  if (in_flight_ > 0 && !only_produce_in_flight_) return close();
  close_when_sent();
}

// -- requests ---------------------------------------------------------------------------------------------------------

void Connection::start_what_may_start() {
  if (std::exchange(starting_, true)) return;
  while (next_waiting_ < waiting_.size() && !closed_ && !closing_when_sent_) {
    const Waiting& next = waiting_[next_waiting_];
    const bool overlaps = next.handler != nullptr && is_produce(*next.handler) && only_produce_in_flight_;
    if (in_flight_ > 0 && !overlaps) break;
    if (unsent_bytes_ >= unsent_bytes_max || in_flight_bytes_ >= in_flight_bytes_max) break;
    const bool adds_little = next.handler == nullptr || is_produce(*next.handler);
    if (room_.memory.answers_full() && !adds_little) break;
    Waiting request = std::move(waiting_[next_waiting_++]);
    waiting_bytes_ -= request.frame.size();
    start(std::move(request));
  }
  next_waiting_ -= drop_front(waiting_, next_waiting_);
  starting_ = false;
  close_when_sent();
  if (room_made_.pending() && (may_read() || may_leave())) room_made_.complete({});
}

void Connection::start(Waiting request) {
  ++room_.counters.requests;
  const std::size_t slot = slot_base_ + slots_.size();
  Slot& place = slots_.emplace_back();
  place.request_bytes = request.frame.size();
  only_produce_in_flight_ = request.handler != nullptr && is_produce(*request.handler);
  ++in_flight_;
  in_flight_bytes_ += place.request_bytes;
  if (request.handler == nullptr || request.handler->direct == nullptr) {
    return tasks_.spawn(serve_one(std::move(request), slot));
  }
  const Handler& handler = *request.handler;
  place.direct = handler.direct(context_of(std::move(request)), {*this, slot});
  place.direct->begin();
}

RequestContext Connection::context_of(Waiting request) {
  return {std::move(request.frame),      request.header,     peer_, room_.doors,
          room_.doors.metadata->image(), room_.reactor.now()};
}

io::Task<void> Connection::serve_one(Waiting request, std::size_t slot) {
  const Handler* const handler = request.handler;
  if (handler == nullptr) {
    const Handler* api_versions = room_.handlers.find_key(api::ApiKey::api_versions);
    answered(slot, unsupported_api_versions(request.header.correlation_id, *api_versions));
    co_return;
  }
  RequestContext context = context_of(std::move(request));
  Answer answer = co_await handler->serve(context);
  answered(slot, std::move(answer));
}

Connection::Slot& Connection::fill(std::size_t slot) {
  Slot& place = slots_[slot - slot_base_];
  place.filled = true;
  --in_flight_;
  in_flight_bytes_ -= place.request_bytes;
  if (in_flight_ == 0) only_produce_in_flight_ = true;
  last_active_ = room_.reactor.now();
  return place;
}

void Connection::answered(std::size_t slot, Answer answer) {
  fill(slot).answer = std::move(answer);
  go_on();
}

// Called from amidst the partitions: what follows from it waits for the end of the turn.
void Connection::direct_done(std::size_t slot) {
  fill(slot);
  room_.reactor.request_turn_end(*this);
}

void Connection::refuse(std::string_view why) {
  if (input_ended_) return;
  ++room_.counters.refused;
  input_ended_ = true;
  room_.refusals.note(peer_.address, std::string(why) + ", closed", room_.reactor.now());
  close_when_sent();
}

// -- answers ----------------------------------------------------------------------------------------------------------

bool Connection::may_let_out() const {
  return first_slot_ < slots_.size() && slots_[first_slot_].filled && !closing_when_sent_;
}

// Behind an answer: it leaves in its turn, and makes room for requests that wait.
void Connection::go_on() {
  release_slots();
  start_what_may_start();
  account();
}

void Connection::release_slots() {
  while (may_let_out()) let_out(slots_[first_slot_++]);
  queue_written();
  const std::size_t dropped = drop_front(slots_, first_slot_);
  first_slot_ -= dropped;
  slot_base_ += dropped;
  room_.reactor.request_turn_end(*this);
}

void Connection::let_out(Slot& slot) {
  if (slot.direct != nullptr) {
    if (!written_) written_.emplace(written_first_bytes);
    const Answer answer = slot.direct->answer(*written_);
    slot.direct.reset();
    if (answer.kind == AnswerKind::hang_up) hang_up(answer.reason);
    return;
  }
  queue_written();
  if (slot.answer.kind == AnswerKind::hang_up) hang_up(slot.answer.reason);
  for (Piece& piece : slot.answer.pieces) {
    unsent_bytes_ += piece.size();
    unsent_.push_back(std::move(piece));
  }
}

void Connection::hang_up(std::string_view reason) {
  if (!reason.empty()) {
    ++room_.counters.refused;
    room_.refusals.note(peer_.address, shown(reason) + ", closed", room_.reactor.now());
  }
  input_ended_ = true;
  closing_when_sent_ = true;
}

void Connection::queue_written() {
  if (!written_) return;
  unsent_bytes_ += written_->size();
  for (Piece& piece : written_->take_pieces()) unsent_.push_back(std::move(piece));
  written_.reset();
}

void Connection::at_turn_end() {
  if (may_let_out()) go_on();
  if (!sending_rest_) send_what_fits();
  if (!closed_ && (room_made_.pending() || next_waiting_ < waiting_.size())) start_what_may_start();
}

// One call to the socket: as many pieces of memory as there are in a row, and the part of a file behind them.
io::IoResult<std::size_t> Connection::send_some() {
  std::array<ByteView, write_pieces_max> pieces;
  std::size_t count = 0;
  std::size_t at = first_unsent_;
  while (at < unsent_.size() && count < pieces.size() && unsent_[at].in_memory()) {
    pieces[count++] = unsent_[at++].bytes.view();
  }
  const std::span<const ByteView> head(pieces.data(), count);
  const bool file_follows = at < unsent_.size() && !unsent_[at].in_memory();
  return file_follows ? socket_->try_send(head, unsent_[at].file) : socket_->try_write(head);
}

void Connection::sent(std::size_t bytes) {
  unsent_bytes_ -= bytes;
  room_.counters.bytes_out += bytes;
  if (bytes > 0) write_blocked_ = Instant::never();
  while (bytes > 0 && bytes >= unsent_[first_unsent_].size()) {
    bytes -= unsent_[first_unsent_].size();
    unsent_[first_unsent_++] = Piece(Slice());
  }
  if (bytes > 0) unsent_[first_unsent_].drop_front(bytes);
}

void Connection::send_what_fits() {
  while (first_unsent_ < unsent_.size() && !closed_) {
    const io::IoResult<std::size_t> taken = send_some();
    if (!taken) return close();
    sent(*taken);
    if (*taken == 0) break;
  }
  first_unsent_ -= drop_front(unsent_, first_unsent_);
  account();
  if (unsent_.empty()) {
    if (closing_when_sent_) return close();
  } else if (!closed_) {
    if (write_blocked_ == Instant::never()) write_blocked_ = room_.reactor.now();
    if (!sending_rest_) tasks_.spawn(send_the_rest());
  }
}

io::Task<void> Connection::send_the_rest() {
  sending_rest_ = true;
  while (!unsent_.empty() && !closed_) {
    const io::IoStatus status = co_await socket_->writable();
    if (!status) close();
    if (!closed_) send_what_fits();
  }
  sending_rest_ = false;
  start_what_may_start();
}

void Connection::close_when_sent() {
  // What is answered but not written yet goes out at the end of the turn, which comes here again.
  if (!input_ended_ || first_slot_ < slots_.size() || next_waiting_ < waiting_.size()) return;
  closing_when_sent_ = true;
  if (unsent_.empty()) close();
}

}  // namespace highwater::server
