#include <algorithm>
#include <cstring>

#include "foundation/base/check.h"
#include "io/sim/fabric.h"
#include "io/sim/reactor.h"

namespace highwater::io::sim {

namespace {

constexpr Duration retry_interval = Duration::from_ms(100);  // how soon a stalled segment is tried again

}  // namespace

Connection::Connection(World& world, std::uint64_t id, Opening dialler, Opening acceptor) : world_(&world), id_(id) {
  const Opening* openings[2] = {&dialler, &acceptor};
  for (int side = 0; side < 2; ++side) {
    End& end = ends_[side];
    end.reactor = openings[side]->reactor;
    end.machine = &end.reactor->machine();
    end.local = openings[side]->local;
    end.trace_id = end.machine->take_connection_id();
  }
}

bool Connection::touches(const Machine& machine) const {
  return ends_[0].machine == &machine || ends_[1].machine == &machine;
}

void Connection::wake(int side, Promise<IoStatus>& waiter, IoStatus status) {
  if (!waiter.pending()) return;
  waiter.complete(status);
  ends_[side].reactor->kick();
}

void Connection::fail(int side, IoError error) {
  End& end = ends_[side];
  if (!end.open || end.error.has_value()) return;
  end.machine->trace(TraceKind::reset, end.trace_id, static_cast<std::uint64_t>(error));
  end.error = error;
  end.inbox.clear();
  wake(side, end.reader, std::unexpected(error));
  wake(side, end.writer, std::unexpected(error));
}

IoResult<std::size_t> Connection::send(int side, std::span<const ByteView> pieces) {
  End& end = ends_[side];
  if (end.error.has_value()) return std::unexpected(*end.error);
  if (end.finished) return std::unexpected(IoError::closed);
  std::size_t total = 0;
  for (const ByteView& piece : pieces) total += piece.size();
  const NetworkConditions& conditions = world_->fabric().conditions();
  const std::size_t room =
      conditions.pipe_capacity > end.unacknowledged ? conditions.pipe_capacity - end.unacknowledged : 0;
  std::size_t take = std::min(room, total);
  if (take == 0) return 0;
  Random& random = end.machine->net_random();
  if (take > 1 && random.chance_ppm(conditions.cut_ppm / 2)) take = 1 + random.below(take);
  Slice bytes = Slice::allocate(take);
  std::size_t at = 0;
  for (const ByteView& piece : pieces) {
    const std::size_t length = std::min(piece.size(), take - at);
    if (length == 0) continue;
    std::memcpy(bytes.writable().data() + at, piece.data(), length);
    at += length;
  }
  end.unacknowledged += take;
  end.machine->trace(TraceKind::send, end.trace_id, take, content_hash(bytes.view()));
  if (take > 1 && random.chance_ppm(conditions.cut_ppm)) {
    const std::size_t first = 1 + random.below(take - 1);
    put(side, {.bytes = bytes.part(0, first)});
    put(side, {.bytes = bytes.part(first, take - first)});
  } else {
    put(side, {.bytes = std::move(bytes)});
  }
  return take;
}

IoResult<std::optional<std::size_t>> Connection::receive(int side, MutableBytes buffer) {
  End& end = ends_[side];
  if (end.error.has_value()) return std::unexpected(*end.error);
  std::size_t taken = 0;
  while (taken < buffer.size() && !end.inbox.empty()) {
    Slice& first = end.inbox.front();
    const std::size_t length = std::min(first.size(), buffer.size() - taken);
    std::memcpy(buffer.data() + taken, first.data(), length);
    taken += length;
    if (length == first.size()) {
      end.inbox.pop_front();
    } else {
      first = first.part(length, first.size() - length);
    }
  }
  if (taken > 0) {
    put(side, {.kind = Segment::Kind::acknowledge, .acknowledged = taken});
    return taken;
  }
  if (end.peer_finished) return 0;
  return std::nullopt;
}

Future<IoStatus> Connection::readable(int side) {
  End& end = ends_[side];
  if (end.error.has_value()) return Future<IoStatus>::ready(std::unexpected(*end.error));
  if (!end.inbox.empty() || end.peer_finished) return Future<IoStatus>::ready({});
  auto [promise, future] = end.reactor->make_future<IoStatus>();
  end.reader = std::move(promise);
  return std::move(future);
}

Future<IoStatus> Connection::writable(int side) {
  End& end = ends_[side];
  if (end.error.has_value()) return Future<IoStatus>::ready(std::unexpected(*end.error));
  if (end.unacknowledged < world_->fabric().conditions().pipe_capacity) return Future<IoStatus>::ready({});
  auto [promise, future] = end.reactor->make_future<IoStatus>();
  end.writer = std::move(promise);
  return std::move(future);
}

void Connection::detach(int side) {
  End& end = ends_[side];
  HW_CHECK(!end.reader.wanted() && !end.writer.wanted());
  end.reader = {};
  end.writer = {};
}

void Connection::attach(int side, SimReactor& reactor) { ends_[side].reactor = &reactor; }

void Connection::finish(int side) {
  End& end = ends_[side];
  if (end.finished || end.error.has_value()) return;
  end.finished = true;
  put(side, {.kind = Segment::Kind::finish});
}

void Connection::close(int side) {
  End& end = ends_[side];
  if (!end.open) return;
  const bool unread = !end.inbox.empty();
  wake(side, end.reader, std::unexpected(IoError::closed));
  wake(side, end.writer, std::unexpected(IoError::closed));
  end.open = false;
  end.reactor = nullptr;
  end.inbox.clear();
  if (end.machine->powered() && !end.error.has_value()) {
    if (unread) {
      put(side, {.kind = Segment::Kind::reset});
    } else if (!end.finished) {
      end.finished = true;
      put(side, {.kind = Segment::Kind::finish});
    }
  }
  if (over()) world_->fabric().forget(id_);
}

void Connection::reset() {
  for (int side = 0; side < 2; ++side) ends_[side].wire.clear();
  for (int side = 0; side < 2; ++side) fail(side, IoError::reset);
}

void Connection::vanish(const Machine& machine) {
  for (End& end : ends_) {
    if (end.machine == &machine) end.wire.clear();
  }
}

void Connection::put(int side, Segment segment) {
  End& end = ends_[side];
  end.last_arrival = std::max(end.last_arrival, world_->now() + world_->fabric().draw_delay(*end.machine));
  segment.arrival = end.last_arrival;
  end.wire.push_back(std::move(segment));
  if (!end.pumping) schedule_pump(side, end.last_arrival);
}

void Connection::schedule_pump(int side, Instant time) {
  ends_[side].pumping = true;
  world_->at(time, [self = shared_from_this(), side] { self->pump(side); });
}

void Connection::pump(int side) {
  End& from = ends_[side];
  End& to = ends_[1 - side];
  from.pumping = false;
  const Instant now = world_->now();
  while (!from.wire.empty() && from.wire.front().arrival <= now) {
    if (!to.machine->powered() || !world_->fabric().reaches(*from.machine, *to.machine)) {
      if (!from.stalled_since.has_value()) from.stalled_since = now;
      // Bare acknowledgements are not sent again by TCP: nobody learns from them that the peer is gone.
      const bool waiting = std::any_of(from.wire.begin(), from.wire.end(),
                                       [](const Segment& each) { return each.kind != Segment::Kind::acknowledge; });
      if (waiting && now - *from.stalled_since >= world_->fabric().conditions().give_up) {
        from.wire.clear();
        return fail(side, IoError::timed_out);
      }
      return schedule_pump(side, now + retry_interval);
    }
    from.stalled_since.reset();
    Segment segment = std::move(from.wire.front());
    from.wire.pop_front();
    deliver(side, std::move(segment));
  }
  if (!from.wire.empty() && !from.pumping) schedule_pump(side, from.wire.front().arrival);
}

void Connection::deliver(int from, Segment segment) {
  const int side = 1 - from;
  End& end = ends_[side];
  switch (segment.kind) {
    case Segment::Kind::acknowledge:
      end.unacknowledged -= segment.acknowledged;
      if (end.open && !end.error.has_value()) wake(side, end.writer, {});
      return;
    case Segment::Kind::reset:
      return fail(side, IoError::reset);
    case Segment::Kind::finish:
      if (!end.open || end.error.has_value()) return;
      end.machine->trace(TraceKind::finish, end.trace_id);
      end.peer_finished = true;
      return wake(side, end.reader, {});
    case Segment::Kind::bytes:
      // Nobody is there any more (closed, killed, or forgotten in a power cut): the kernel answers with a reset.
      if (!end.open || end.error.has_value()) return put(side, {.kind = Segment::Kind::reset});
      end.machine->trace(TraceKind::deliver, end.trace_id, segment.bytes.size(), content_hash(segment.bytes.view()));
      end.inbox.push_back(std::move(segment.bytes));
      return wake(side, end.reader, {});
  }
}

}  // namespace highwater::io::sim
