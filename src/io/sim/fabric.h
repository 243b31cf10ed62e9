// The wires of a world: connections with bytes in order, delay, a bounded pipe (so back-pressure is exercised), stalls
// while machines are cut off from each other, resets that lose what was under way, and peers that vanish without a word
// when their power is cut (half-open). Owned by the world. Each connection draws from the streams of its two machines.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "foundation/base/slice.h"
#include "io/errors.h"
#include "io/sim/machine.h"
#include "io/socket.h"

namespace highwater::io::sim {

class SimReactor;

struct NetworkConditions {
  Duration delay_min = Duration::from_us(30);
  Duration delay_max = Duration::from_us(400);
  std::uint32_t slow_ppm = 2'000;  // how many segments of a million take up to slow_max instead
  Duration slow_max = Duration::from_ms(40);
  std::uint32_t cut_ppm = 100'000;         // how many writes of a million are taken in part only, or travel in pieces
  std::size_t pipe_capacity = 256u << 10;  // bytes sent and not yet read by the peer
  Duration give_up = Duration::from_seconds(15);  // a stalled sender is told timed_out (TCP's retransmission end)
};

// One connection: two ends, each with what it has received and what it has sent that is still under way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Opening {
    SimReactor* reactor;
    Address local;
  };
  Connection(World& world, std::uint64_t id, Opening dialler, Opening acceptor);

  // For sockets; `side` is 0 for the dialler and 1 for the acceptor.
  IoResult<std::size_t> send(int side, std::span<const ByteView> pieces);
  IoResult<std::optional<std::size_t>> receive(int side, MutableBytes buffer);
  Future<IoStatus> readable(int side);
  Future<IoStatus> writable(int side);
  void finish(int side);                       // FIN
  void close(int side);                        // the socket is gone: FIN, or RST when there were unread bytes
  void detach(int side);                       // forgets who waited
  void attach(int side, SimReactor& reactor);  // of the same process
  const Address& local(int side) const { return ends_[side].local; }
  const Address& peer(int side) const { return ends_[1 - side].local; }

  // For faults: both ends see a reset and whatever was under way is lost, in the middle of a frame or not.
  void reset();
  // `machine` lost its power: what it had sent and was still on its way is gone.
  void vanish(const Machine& machine);
  bool touches(const Machine& machine) const;
  bool over() const { return !ends_[0].open && !ends_[1].open; }
  std::uint64_t id() const { return id_; }

 private:
  struct Segment {
    enum class Kind : std::uint8_t { bytes, finish, reset, acknowledge };
    Kind kind = Kind::bytes;
    Instant arrival;
    Slice bytes;
    std::size_t acknowledged = 0;
  };
  struct End {
    Machine* machine = nullptr;
    SimReactor* reactor = nullptr;  // valid while open
    Address local;
    std::uint64_t trace_id = 0;
    bool open = true;  // a socket of a living process is there, or about to be
    bool finished = false;
    bool peer_finished = false;
    std::optional<IoError> error;
    std::deque<Slice> inbox;
    std::size_t unacknowledged = 0;  // sent and not yet read by the peer
    std::deque<Segment> wire;        // from this end to the other
    Instant last_arrival;
    bool pumping = false;
    std::optional<Instant> stalled_since;
    Promise<IoStatus> reader;
    Promise<IoStatus> writer;
  };

  void put(int side, Segment segment);
  void schedule_pump(int side, Instant time);
  void pump(int side);
  void deliver(int from, Segment segment);
  void fail(int side, IoError error);
  void wake(int side, Promise<IoStatus>& waiter, IoStatus status);

  World* world_;
  std::uint64_t id_;
  End ends_[2];
};

class Fabric {
 public:
  explicit Fabric(World& world) : world_(&world) {}
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  NetworkConditions& conditions() { return conditions_; }

  // Cuts the way from one machine to another (one direction); a machine always reaches itself.
  void cut(const Machine& from, const Machine& to) { cut_.insert({from.index(), to.index()}); }
  void heal(const Machine& from, const Machine& to) { cut_.erase({from.index(), to.index()}); }
  void heal_all() { cut_.clear(); }
  bool reaches(const Machine& from, const Machine& to) const;

  // Resets one connection of `machine`, chosen by `random`; false when it has none.
  bool reset_one(const Machine& machine, Random& random);
  std::size_t connection_count() const { return connections_.size(); }

  // For the network and for connections.
  Duration draw_delay(Machine& sender);
  std::shared_ptr<Connection> connect(Connection::Opening dialler, Connection::Opening acceptor);
  void forget(std::uint64_t connection) { connections_.erase(connection); }
  void power_lost(const Machine& machine);

 private:
  World* world_;
  NetworkConditions conditions_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> cut_;
  std::uint64_t next_connection_ = 1;
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
};

}  // namespace highwater::io::sim
