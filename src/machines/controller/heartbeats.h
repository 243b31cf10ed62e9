// Who is alive. Soft state of the active controller, never in the log: when a broker was last heard of, how far it has
// applied, how far a departure has come. An active controller begins with everyone fresh.
//
//            want_fence=false, caught up           want_shut_down, leads something
//   fenced ------------------------------> active ---------------------------------> leaving
//     ^  \                                  |   \                                       |
//     |   \ want_shut_down                  |    \ want_shut_down, leads nothing        | leads nothing and the
//     |    `--------> gone <-----------------------'                                    | others saw it go
//     `------------------------------------'      gone <--------------------------------'
//        session over, or want_fence
//
// Kafka: BrokerHeartbeatManager, BrokerHeartbeatTracker.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/time.h"

namespace highwater::controller {

enum class BrokerStanding : std::uint8_t { fenced, active, leaving, gone };

class BrokerHeartbeats {
 public:
  enum class Fencing : std::uint8_t { fenced, unfenced };
  struct Wishes {
    bool fence = false;
    bool shut_down = false;
    Offset metadata_offset = no_offset;
  };
  struct Circumstances {
    Offset registration_offset = no_offset;  // of the broker's RegisterBrokerRecord
    bool leads_any = false;
  };

  explicit BrokerHeartbeats(Duration session_timeout) : session_timeout_(session_timeout) {}

  void register_broker(NodeId broker, BrokerEpoch epoch, Fencing fencing);
  void remove(NodeId broker) { brokers_.erase(broker); }
  // The broker was heard of. Before its first sign of life a registered broker has no session that could run out.
  void hear(NodeId broker, BrokerEpoch epoch, Instant now);
  bool has_session(NodeId broker, BrokerEpoch epoch, Instant now) const;

  BrokerStanding standing(NodeId broker) const;
  BrokerStanding next_standing(NodeId broker, const Wishes& wishes, const Circumstances& circumstances) const;
  void note(NodeId broker, Fencing fencing, Offset metadata_offset);
  // The departure is complete when every active broker has applied this offset.
  void begin_leaving(NodeId broker, Offset offset);
  bool is_leaving(NodeId broker) const;

  struct Expired {
    NodeId broker;
    BrokerEpoch epoch;
  };
  // One broker whose session is over; it is forgotten as a session, so asking again gives the next one.
  std::optional<Expired> take_expired(Instant now);
  // When the next session may run out.
  Instant next_deadline() const;

 private:
  struct State {
    BrokerEpoch epoch = -1;
    std::optional<Instant> heard;
    Fencing fencing = Fencing::fenced;
    Offset metadata_offset = no_offset;
    Offset leaving_offset = no_offset;
  };
  Offset lowest_active_offset() const;
  bool is_over(const State& state, Instant now) const;

  Duration session_timeout_;
  std::map<NodeId, State> brokers_;
};

}  // namespace highwater::controller
