#include "server/network/server.h"

#include <algorithm>
#include <utility>

#include "server/network/limits.h"

namespace highwater::server {
namespace {

constexpr Duration stop_time_max = Duration::from_seconds(5);
constexpr Duration accept_pause = Duration::from_ms(100);

// Often enough that a deadline is late by a quarter of itself at most, and by a second.
Duration watch_interval(const ConnectionLimits& limits) {
  const Duration shortest = std::min({limits.frame_time_max, limits.write_time_max, limits.idle_time_max});
  return std::clamp(Duration{shortest.nanoseconds / 4}, Duration::from_ms(20), Duration::from_seconds(1));
}

std::string text_of(const io::Address& address) {
  return (address.host.empty() ? "*" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace

Server::Server(const HandlerTable& handlers, Doors& doors, ServerOptions options, Logger log)
    : reactor_(*doors.reactor),
      log_(std::move(log)),
      options_(std::move(options)),
      room_{*doors.reactor, handlers, doors, options_.limits, RefusalLog(log_), {}, {}},
      background_(doors.reactor->ready()),
      serving_(doors.reactor->ready()) {
  room_.scratch.resize(scratch_bytes);
}

Server::~Server() = default;

Result<void> Server::listen() {
  for (const ListenerSpec& spec : options_.listeners) {
    auto listener = reactor_.network().listen(spec.address, options_.sockets);
    if (!listener) {
      listening_.clear();
      bound_.clear();
      return failure("listener " + spec.info.name + " cannot listen on " + text_of(spec.address) + ": " +
                     io::io_error_text(listener.error()) + "; stop whoever has that address, or change listeners");
    }
    bound_.push_back({spec.info.name, (*listener)->local()});
    listening_.push_back({&spec.info, std::move(*listener)});
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
  for (Listening& listening : listening_) listening.listener->close();
  // finish() may close a connection, but it leaves the list only when its own coroutine resumes.
  for (Connection* connection : connections_) connection->finish();
  background_.spawn(close_late(reactor_.now() + stop_time_max));
  co_await serving_.drained();
}

io::Task<void> Server::accept(Listening& listening) {
  for (;;) {
    auto socket = co_await listening.listener->accept();
    if (socket) {
      serving_.spawn(serve_one(std::move(*socket), *listening.info));
      continue;
    }
    if (socket.error() == io::IoError::closed) co_return;
    // Out of descriptors, or a connection that was gone before it was taken.
    room_.refusals.note(listening.info->name, io::io_error_text(socket.error()), reactor_.now());
    co_await reactor_.sleep_until(reactor_.now() + accept_pause);
  }
}

io::Task<void> Server::serve_one(std::unique_ptr<io::Socket> socket, const ListenerInfo& info) {
  Connection connection(room_, std::move(socket), info);
  ++room_.counters.accepted;
  connection.index = connections_.size();
  connections_.push_back(&connection);
  co_await connection.run();
  leave(connection);
}

void Server::leave(Connection& connection) {
  Connection* last = connections_.back();
  connections_[connection.index] = last;
  last->index = connection.index;
  connections_.pop_back();
}

io::Task<void> Server::watch_deadlines() {
  const Duration interval = watch_interval(options_.limits);
  for (;;) {
    co_await reactor_.sleep_until(reactor_.now() + interval);
    const Instant now = reactor_.now();
    for (Connection* connection : connections_) connection->check_deadlines(now);
  }
}

io::Task<void> Server::close_late(Instant deadline) {
  co_await reactor_.sleep_until(deadline);
  for (Connection* connection : connections_) connection->close();
}

}  // namespace highwater::server
