// One outgoing connection to a broker: frames, correlation ids, deadlines, the versions that both sides speak, answers
// in the order of the requests. Owned by whoever dials (a client, a fetcher), used on one reactor. When anything about
// the connection fails, everything in flight fails with the same error and the channel stays closed; a new try is a new
// channel. Bounded: requests in flight and the size of an answer.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/result.h"
#include "foundation/base/slice.h"
#include "foundation/wire/writer.h"
#include "io/reactor.h"
#include "protocol/api/api_key.h"

namespace highwater::link {

enum class LinkError : std::uint8_t {
  unreachable,   // could not be dialled: refused, no route, dialling took too long
  disconnected,  // ended or reset by the peer or by close(); a request may or may not have been carried out
  timed_out,     // no answer within the deadline; the same doubt
  malformed,     // the peer does not speak Kafka, or not correctly
  unsupported,   // no version of the request that both sides speak; nothing was sent
  busy,          // in_flight_max requests wait already; nothing was sent
};

template <class T>
using LinkResult = Result<T, LinkError>;

struct ChannelOptions {
  std::string client_id = "highwater";
  Duration connect_timeout = Duration::from_seconds(10);
  Duration request_timeout = Duration::from_seconds(30);
  std::size_t in_flight_max = 5;
  std::size_t answer_bytes_max = std::size_t{128} << 20;
};

// The body of an answer, after its header; the frame keeps it alive.
struct Answer {
  Slice frame;
  ByteView body;
};

class Channel {
 public:
  Channel(io::Reactor& reactor, io::Address address, ChannelOptions options);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Dials and asks for the peer's versions. Once, before anything else. The channel must outlive the task.
  io::Task<LinkResult<void>> open();
  bool usable() const { return state_ == State::open; }
  void close() { fail(LinkError::disconnected); }
  std::size_t in_flight() const { return pending_.size(); }
  bool full() const { return pending_.size() >= options_.in_flight_max; }
  const io::Address& address() const { return address_; }
  const ChannelOptions& options() const { return options_; }

  // The highest version within [lowest, highest] that the peer speaks too.
  std::optional<std::int16_t> version_of(api::ApiKey key, std::int16_t lowest, std::int16_t highest) const;

  // A frame is begun, its body encoded into the writer, and the whole handed to exchange() or send_only().
  struct Outgoing {
    wire::Writer writer;
    api::ApiKey key;
    std::int16_t version;
    std::int32_t correlation_id;
    Duration timeout;
  };
  Outgoing begin(api::ApiKey key, std::int16_t version);
  io::Future<LinkResult<Answer>> exchange(Outgoing request);
  // For Produce with acks=0, which has no answer.
  LinkResult<void> send_only(Outgoing request);

 private:
  enum class State : std::uint8_t { fresh, opening, open, closed };
  struct Pending {
    api::ApiKey key;
    std::int16_t version;
    std::int32_t correlation_id;
    Instant deadline;
    io::Promise<LinkResult<Answer>> promise;
  };
  struct SpokenVersions {
    std::int16_t key;
    std::int16_t lowest;
    std::int16_t highest;
  };

  io::Task<LinkResult<void>> ask_versions();
  io::Task<void> read_loop();
  io::Task<bool> read_exactly(MutableBytes target);
  io::Task<void> write_loop();
  io::Task<void> watch_deadlines();
  void queue(Outgoing& request);
  bool deliver(Slice frame);
  void fail(LinkError error);

  io::Reactor* reactor_;
  io::Address address_;
  ChannelOptions options_;
  State state_ = State::fresh;
  std::int32_t next_correlation_ = 0;
  std::unique_ptr<io::Socket> socket_;
  std::vector<SpokenVersions> versions_;
  std::deque<Pending> pending_;
  std::deque<Slice> outgoing_;
  bool writing_ = false;
  bool watching_ = false;
  io::TaskGroup tasks_;  // last: its frames use all of the above
};

}  // namespace highwater::link
