// One connection of a client or a peer: reads frames, starts requests in the order and with the overlap that rule L3
// allows, sends the answers in the order of the requests, all of a loop turn in one write. Owned by its Server, on
// whose core it lives. When it is closed, requests in flight are given up: their coroutines are destroyed. Kafka:
// SocketServer's Processor, Selector, KafkaChannel.
//
// Where its partitions live on another core, it stops reading, and when all that it has read is answered and sent, it
// leaves for that core: nothing is under way then, so nothing can be lost, doubled or overtaken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/wire/writer.h"
#include "io/reactor.h"
#include "server/network/answer.h"
#include "server/network/connection_parts.h"
#include "server/network/dispatch.h"
#include "server/network/refusal_log.h"
#include "server/network/request_memory.h"

namespace highwater::server {

struct ConnectionLimits {
  std::size_t frame_bytes_max = 100 << 20;
  Duration frame_time_max = Duration::from_seconds(30);  // from the first to the last byte of a request
  Duration write_time_max = Duration::from_seconds(30);  // without the peer taking a byte
  Duration idle_time_max = Duration::from_seconds(600);
  RequestMemoryLimits memory;  // of all connections of the core
};

struct NetworkCounters {
  std::uint64_t accepted = 0;
  std::uint64_t closed = 0;
  std::uint64_t moved_here = 0;  // from other cores
  std::uint64_t moved_away = 0;
  std::uint64_t refused = 0;  // closed because of what the peer sent
  std::uint64_t timed_out = 0;
  std::uint64_t turned_away = 0;  // too many or too fast from their address
  std::uint64_t shed = 0;         // what they began or did not take held memory that others needed
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

// What all connections of a core share; owned by the Server.
struct ConnectionRoom {
  io::Reactor& reactor;
  const HandlerTable& handlers;
  Doors& doors;
  ConnectionLimits limits;
  RefusalLog refusals;
  NetworkCounters counters;
  Slice scratch;
  RequestMemory memory;
  engine::CoreIndex core = 0;
  bool moves_connections = false;                // to the cores of their partitions
  io::TurnEndHook* when_room_is_made = nullptr;  // lets those read that could not
  // The only one whose begun frame is read on while the memory is full: one frame above the bound, not many.
  const class Connection* finishing = nullptr;
};

class Connection final : private io::TurnEndHook, private DirectOwner {
 public:
  // Begins, or goes on on the core of this room.
  Connection(ConnectionRoom& room, ConnectionParts parts);
  static ConnectionParts accepted(const ConnectionRoom& room, std::unique_ptr<io::Socket> socket,
                                  const ListenerInfo& listener);

  // Returns when the connection is closed or may move; destroy it then, not earlier from within one of its own
  // requests.
  io::Task<void> run();
  // Where it wants to go on; nothing once it is closed. When run() has returned it may.
  std::optional<engine::CoreIndex> destination() const;
  // Everything but its memory leaves it, and its room.
  ConnectionParts release();
  // No further requests; closes once those in flight that end by themselves are answered.
  void finish();
  void close();
  // Closes when a deadline has passed. Called about once a second: no request costs a timer.
  void check_deadlines(Instant now);

  // Goes on reading and starting requests if there is room now.
  void try_again();
  // Closes for the sake of the others: it holds memory that they need.
  void shed(std::string_view why);
  // Bytes of answers that the peer does not take as fast as they come; 0 of what is on its way this very turn.
  std::size_t stuck_bytes() const { return sending_rest_ ? unsent_bytes_ : 0; }

  Instant last_active() const { return last_active_; }
  Instant frame_begun() const { return frame_begun_; }
  const Peer& peer() const { return peer_; }

  std::size_t index = 0;  // in the Server's list

 private:
  struct Waiting {
    Slice frame;
    RequestHeader header;
    const Handler* handler = nullptr;
    bool in_scratch = false;

    void leave_scratch();
  };
  struct Slot {
    Answer answer;
    std::unique_ptr<DirectRequest> direct;
    std::size_t request_bytes = 0;
    bool filled = false;
  };

  void at_turn_end() override;
  void direct_done(std::size_t slot) override;

  // Reading.
  bool may_read() const;
  bool memory_allows() const;
  void consider_moving();
  bool may_leave() const;
  void account();
  enum class Left : std::uint8_t { nothing, perhaps_more };
  Left read_what_is_there();
  void take_frame(Slice frame);
  void end_of_stream();

  // Requests.
  void start_what_may_start();
  void keep_what_waits();
  void start(Waiting request);
  io::Task<void> serve_one(Waiting request, std::size_t slot);
  RequestContext context_of(Waiting request);
  Slot& fill(std::size_t slot);
  void answered(std::size_t slot, Answer answer);
  void refuse(std::string_view why);

  // Answers.
  bool may_let_out() const;
  void release_slots();
  void go_on();
  void let_out(Slot& slot);
  void hang_up(std::string_view reason);
  void queue_written();
  void send_what_fits();
  io::IoResult<std::size_t> send_some();
  void sent(std::size_t bytes);
  io::Task<void> send_the_rest();
  void close_when_sent();

  ConnectionRoom& room_;
  std::unique_ptr<io::Socket> socket_;
  Peer peer_;
  FrameBuffer frames_;

  std::vector<Waiting> waiting_;
  std::size_t next_waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  RequestMemory::Held held_;  // as the room knows it

  std::vector<Slot> slots_;  // of requests in flight or answered but not yet released, oldest first
  std::size_t first_slot_ = 0;
  std::size_t slot_base_ = 0;  // the number of slots_[0]
  std::size_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  bool only_produce_in_flight_ = true;

  std::optional<wire::Writer> written_;  // answers of direct requests, on their way to unsent_
  std::vector<Piece> unsent_;
  std::size_t first_unsent_ = 0;
  std::size_t unsent_bytes_ = 0;

  Instant last_active_;
  Instant frame_begun_ = Instant::never();
  Instant write_blocked_ = Instant::never();
  std::optional<engine::CoreIndex> destination_;
  io::Promise<io::Done> room_made_;
  bool starting_ = false;
  bool sending_rest_ = false;
  bool input_ended_ = false;
  bool closing_when_sent_ = false;
  bool closed_ = false;
  io::TaskGroup tasks_;  // last: its frames go first
};

}  // namespace highwater::server
