// How many connections there may be, in all, per listener and per address, and how many new ones per second. One
// machine per node and kind of listener (brokers and controllers count apart, as their SocketServers do in Kafka);
// every connection is told to it when it comes and when it goes. Kafka: SocketServer's ConnectionQuotas (KIP-308, 402,
// 612).
//
// A connection beyond max.connections, of the node or of its listener, or beyond a creation rate waits, and with it all
// that come after it on that listener. A protected listener (that of the brokers, when there are others) is held back
// by its own limits alone: for a connection of it beyond the node's limit, one of another listener is closed, the one
// that was longest unused. Too many connections of one address, or too many per second, are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/time.h"
#include "machines/quota/sampled_rate.h"

namespace highwater::quota {

inline constexpr std::int32_t unlimited = INT32_MAX;

struct ListenerLimits {
  std::int32_t connections = unlimited;
  std::int32_t new_per_second = unlimited;
};

using AddressLimits = std::map<std::string, std::int32_t, std::less<>>;  // by numeric address

struct ConnectionLimits {
  std::int32_t connections = unlimited;
  std::int32_t new_per_second = unlimited;
  std::int32_t connections_per_address = unlimited;
  AddressLimits connections_of_address;  // instead of the above
  std::int32_t new_per_second_per_address = unlimited;
  AddressLimits new_per_second_of_address;  // instead of the above
  std::vector<ListenerLimits> listeners;    // by number; those that are missing are unlimited
};

enum class Protection : std::uint8_t { closable, is_protected };

struct Arrival {
  std::uint64_t ticket = 0;  // the caller's name for it; never used twice
  std::uint32_t core = 0;
  std::uint32_t listener = 0;
  std::string address;
};

struct Departure {
  std::uint32_t core = 0;
  std::uint32_t listener = 0;
  std::string address;
};

enum class Verdict : std::uint8_t {
  admitted,
  too_many,  // from its address: close it
  too_fast   // from its address: close it after `hold`
};

struct Decision {
  std::uint64_t ticket = 0;
  std::uint32_t core = 0;
  Verdict verdict = Verdict::admitted;
  std::int32_t limit = 0;  // of too_many
  Duration hold;           // of too_fast
};

// That core closes so many connections of listeners that are not protected, the longest unused first, and then says
// on_closed().
struct CloseOrder {
  std::uint32_t core = 0;
  std::size_t count = 0;
};

class ConnectionQuotas {
 public:
  ConnectionQuotas(std::vector<Protection> listeners, std::uint32_t cores);

  void on_limits(ConnectionLimits limits, Instant now);
  void on_arrival(Arrival arrival, Instant now);
  // Of a connection that was admitted.
  void on_departure(const Departure& departure, Instant now);
  // A connection that was admitted lives on another core now.
  void on_move(std::uint32_t from, std::uint32_t to, std::uint32_t listener);
  // A close order is carried out, as far as it could be; the departures were told before.
  void on_closed(Instant now);
  void tick(Instant now);
  // When tick() has something to do; never() when only an event can change anything.
  Instant next_deadline() const;

  struct Output {
    std::vector<Decision> decisions;
    std::vector<CloseOrder> close;
  };
  Output take_output();

  std::size_t connections() const { return total_; }
  std::size_t connections_from(std::string_view address) const;
  std::size_t waiting() const;

 private:
  struct Listener {
    Protection protection;
    std::size_t connections = 0;
    SampledRate rate;
    std::deque<Arrival> waiting;  // at most one per core: whoever accepts waits for the decision
    Instant not_before;           // of the first of `waiting`
    bool rated = false;           // the first of `waiting` was counted in the rates
  };

  const ListenerLimits& limits_of(std::uint32_t listener) const;
  bool has_room(std::uint32_t listener) const;
  void rate_first(std::uint32_t listener, Instant now);
  bool decide_first(std::uint32_t listener, Instant now);
  Decision decision_on(const Arrival& arrival, Instant now);
  void decide(Instant now);
  void order_closing();
  SampledRate& rate_of(const std::string& address, Instant now);

  ConnectionLimits limits_;
  std::vector<Listener> listeners_;
  std::size_t total_ = 0;
  SampledRate rate_;  // of all listeners that are not protected
  std::map<std::string, std::size_t, std::less<>> by_address_;
  std::map<std::string, SampledRate, std::less<>> rate_by_address_;
  std::vector<std::size_t> closable_;  // connections of listeners that are not protected, by core
  bool closing_ = false;               // one order at a time
  std::size_t first_listener_ = 0;     // who is asked first for the next free place
  Output output_;
};

}  // namespace highwater::quota
