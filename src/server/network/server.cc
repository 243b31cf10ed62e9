#include "server/network/server.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "io/address_text.h"
#include "server/network/limits.h"

namespace highwater::server {
namespace {

constexpr Duration stop_time_max = Duration::from_seconds(5);
constexpr Duration shed_after = Duration::from_seconds(1);
constexpr Duration accept_pause = Duration::from_ms(100);

// Often enough that a deadline is late by a quarter of itself at most, and by a second.
Duration watch_interval(const ConnectionLimits& limits) {
  const Duration shortest = std::min({limits.frame_time_max, limits.write_time_max, limits.idle_time_max});
  return std::clamp(Duration{shortest.nanoseconds / 4}, Duration::from_ms(20), Duration::from_seconds(1));
}

// What to do about a listener that cannot listen.
std::string_view way_out(io::IoError error) {
  if (error == io::IoError::address_in_use) return "stop whoever has that address, or change listeners";
  if (error == io::IoError::unreachable)
    return "no interface of this machine has that address, or its name is not known here; change listeners (what "
           "clients are told stands in advertised.listeners)";
  return "change listeners";
}

}  // namespace

Server::Server(const HandlerTable& handlers, Doors& doors, ServerOptions options, Logger log)
    : reactor_(*doors.reactor),
      log_(std::move(log)),
      options_(std::move(options)),
      room_{*doors.reactor,   handlers, doors, options_.limits,
            RefusalLog(log_), {},       {},    RequestMemory(options_.limits.memory)},
      background_(doors.reactor->ready()),
      serving_(doors.reactor->ready()) {
  room_.scratch = Slice::allocate(scratch_bytes);
  room_.when_room_is_made = this;
  for (ConnectionOwner* owner : owners()) owner->attach(options_.core, this);
  room_.core = options_.core;
  if (options_.exchange == nullptr) return;
  room_.moves_connections = true;
  options_.exchange->attach(options_.core, this);
}

Server::~Server() {
  for (ConnectionOwner* owner : owners()) owner->attach(options_.core, nullptr);
  if (options_.exchange != nullptr) options_.exchange->attach(options_.core, nullptr);
}

std::vector<ConnectionOwner*> Server::owners() const {
  std::vector<ConnectionOwner*> found;
  for (const ListenerSpec& spec : options_.listeners)
    if (spec.connections != nullptr && std::ranges::find(found, spec.connections) == found.end())
      found.push_back(spec.connections);
  return found;
}

Result<void> Server::listen() {
  for (const ListenerSpec& spec : options_.listeners) {
    auto listener = reactor_.network().listen(spec.address, options_.sockets);
    if (!listener) {
      listening_.clear();
      bound_.clear();
      return failure("listener " + spec.info.name + " cannot listen on " + io::address_text(spec.address) + ": " +
                     io::io_error_text(listener.error()) + "; " + std::string(way_out(listener.error())));
    }
    bound_.push_back({spec.info.name, (*listener)->local()});
    listening_.push_back({&spec, std::move(*listener)});
  }
  return {};
}

void Server::serve() {
  for (Listening& listening : listening_) background_.spawn(accept(listening));
  background_.spawn(watch_deadlines());
}

Result<void> Server::start() {
  Result<void> listening = listen();
  if (listening) serve();
  return listening;
}

io::Task<void> Server::stop() {
  stopping_ = true;
  for (Listening& listening : listening_) listening.listener->close();
  // finish() may close a connection, but it leaves the list only when its own coroutine resumes.
  for (const Seat& seat : seats_) seat.connection->finish();
  background_.spawn(close_late(reactor_.now() + stop_time_max));
  co_await serving_.drained();
}

io::Task<void> Server::accept(Listening& listening) {
  for (;;) {
    auto socket = co_await listening.listener->accept();
    if (socket) {
      co_await admit(std::move(*socket), *listening.spec);
      continue;
    }
    if (socket.error() == io::IoError::closed) co_return;
    // Out of descriptors, or a connection that was gone before it was taken.
    room_.refusals.note(listening.spec->info.name, io::io_error_text(socket.error()), reactor_.now());
    co_await reactor_.sleep_until(reactor_.now() + accept_pause);
  }
}

// Whoever comes next on this listener waits until this one is decided.
io::Task<void> Server::admit(std::unique_ptr<io::Socket> socket, const ListenerSpec& listener) {
  if (listener.connections == nullptr) co_return take(std::move(socket), listener);
  const std::string address = socket->peer().host;
  const Admission admission = co_await listener.connections->arrive(options_.core, listener.number, address);
  switch (admission.verdict) {
    case quota::Verdict::admitted:
      if (stopping_) {
        listener.connections->depart(options_.core, listener.number, address);
      } else {
        take(std::move(socket), listener);
      }
      break;
    case quota::Verdict::too_many:
      ++room_.counters.turned_away;
      room_.refusals.note(address,
                          "Rejected connection, address already has the configured maximum of " +
                              std::to_string(admission.limit) + " connections",
                          reactor_.now());
      break;
    case quota::Verdict::too_fast:
      ++room_.counters.turned_away;
      if (held_ < held_connections_max) background_.spawn(hold(std::move(socket), admission.hold));
      break;
  }
}

void Server::take(std::unique_ptr<io::Socket> socket, const ListenerSpec& listener) {
  ++room_.counters.accepted;
  serving_.spawn(serve_one(Connection::accepted(room_, std::move(socket), listener.info), listener));
}

// A client that is closed at once comes back at once.
io::Task<void> Server::hold(std::unique_ptr<io::Socket> socket, Duration time) {
  ++held_;
  co_await reactor_.sleep_until(reactor_.now() + time);
  --held_;
  socket->close();
}

io::Task<void> Server::serve_one(ConnectionParts parts, const ListenerSpec& listener) {
  Connection connection(room_, std::move(parts));
  connection.index = seats_.size();
  seats_.push_back({&connection, &listener});
  co_await connection.run();
  const Seat seat = give_up_seat(connection);
  if (const auto destination = connection.destination()) {
    hand_over(connection, listener, *destination);
  } else {
    leave(connection, seat);
  }
}

Server::Seat Server::give_up_seat(const Connection& connection) {
  const Seat seat = std::exchange(seats_[connection.index], seats_.back());
  seats_[connection.index].connection->index = connection.index;
  seats_.pop_back();
  return seat;
}

void Server::hand_over(Connection& connection, const ListenerSpec& listener, engine::CoreIndex to) {
  ++room_.counters.moved_away;
  log_.debug("Connection of {}:{} goes on on core {}", connection.peer().address, connection.peer().port, to);
  const auto place = static_cast<std::size_t>(&listener - options_.listeners.data());
  BelongingsKeeper* keeper = room_.doors.belongings;
  std::unique_ptr<Belongings> belongings = keeper != nullptr ? keeper->pack(connection.peer()) : nullptr;
  if (listener.connections != nullptr) listener.connections->move(options_.core, to, listener.number);
  options_.exchange->send(to, {connection.release(), place, std::move(belongings)});
}

void Server::take_over(MovingConnection connection) {
  const ListenerSpec& listener = options_.listeners[connection.listener];
  if (stopping_ || !reactor_.network().adopt(*connection.parts.socket)) {
    if (listener.connections != nullptr)
      listener.connections->depart(options_.core, listener.number, connection.parts.peer.address);
    return;
  }
  ++room_.counters.moved_here;
  if (connection.belongings != nullptr) {
    room_.doors.belongings->unpack(std::move(connection.belongings), reactor_.now());
  }
  connection.parts.peer.listener = &listener.info;
  serving_.spawn(serve_one(std::move(connection.parts), listener));
}

void Server::leave(Connection& connection, const Seat& seat) {
  ConnectionOwner* owner = seat.listener->connections;
  if (owner == nullptr) return;
  owner->depart(options_.core, seat.listener->number, connection.peer().address);
  if (!seat.makes_room) return;
  const auto clearance = std::ranges::find(clearances_, owner, &Clearance::owner);
  if (--clearance->open > 0) return;
  clearances_.erase(clearance);
  owner->closed(options_.core);
}

void Server::make_room(ConnectionOwner& owner, std::size_t count) {
  std::vector<Seat*> candidates;
  for (Seat& seat : seats_)
    if (seat.listener->connections == &owner && owner.closable(seat.listener->number)) candidates.push_back(&seat);
  count = std::min(count, candidates.size());
  if (count == 0) return owner.closed(options_.core);
  std::ranges::nth_element(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(count - 1), {},
                           [](const Seat* seat) { return seat->connection->last_active(); });
  clearances_.push_back({&owner, count});
  for (std::size_t i = 0; i < count; ++i) {
    candidates[i]->makes_room = true;
    candidates[i]->connection->close();
  }
}

io::Task<void> Server::watch_deadlines() {
  const Duration interval = watch_interval(options_.limits);
  for (;;) {
    co_await reactor_.sleep_until(reactor_.now() + interval);
    const Instant now = reactor_.now();
    for (const Seat& seat : seats_) seat.connection->check_deadlines(now);
    if (room_.memory.bytes_full()) shed_begun_requests();
    if (room_.memory.answers_full()) shed_stuck_answers();
  }
}

// Requests that were begun and do not end may not keep the others out: the oldest go first.
void Server::shed_begun_requests() {
  const Instant now = reactor_.now();
  std::vector<Connection*> begun;
  for (const Seat& seat : seats_) {
    const Instant since = seat.connection->frame_begun();
    if (since != Instant::never() && now - since > shed_after) begun.push_back(seat.connection);
  }
  std::ranges::sort(begun, {}, &Connection::frame_begun);
  for (Connection* connection : begun) {
    if (room_.memory.bytes_relaxed()) return;
    connection->shed("requests take too much memory and this one is not complete");
  }
}

// Those who take the least of what they asked for go first.
void Server::shed_stuck_answers() {
  std::vector<Connection*> stuck;
  for (const Seat& seat : seats_)
    if (seat.connection->stuck_bytes() > 0) stuck.push_back(seat.connection);
  std::ranges::sort(stuck, std::greater<>(), &Connection::stuck_bytes);
  for (Connection* connection : stuck) {
    if (room_.memory.answers_relaxed()) return;
    connection->shed("answers take too much memory and this one is not taken");
  }
}

void Server::at_turn_end() {
  for (const Seat& seat : seats_) seat.connection->try_again();
}

io::Task<void> Server::close_late(Instant deadline) {
  co_await reactor_.sleep_until(deadline);
  for (const Seat& seat : seats_) seat.connection->close();
}

}  // namespace highwater::server
