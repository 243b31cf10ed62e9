// flood: bad or good input at a steady rate, from one thread, over many connections; one line of JSON. Every outcome is
// checked: a bad batch is answered with an error, a good one with none, what cannot be a request closes the connection.
//   flood refused port=9092 topic=t rate=50000 connections=100 closing=1000 seconds=10
//   flood valid   port=9092 topic=t rate=50000 connections=100 closing=1000 seconds=10  (closing: comes, asks, goes)
//   flood probe   port=9092 topic=t rate=1000 seconds=10       one well-behaved client; its latencies
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "foundation/base/bytes.h"
#include "foundation/crypto/crc32c.h"
#include "wire.h"
#include "words.h"

namespace bench {
namespace {

constexpr std::size_t burst = 20;           // requests of one send
constexpr std::size_t under_way_max = 400;  // of one connection; beyond it the server is what limits the rate
constexpr std::int64_t close_patience_ns = 60'000'000'000;
constexpr int bind_address_no_port = 24;

struct Options {
  int port = 9092;
  std::string topic = "flood";
  double rate = 50'000;
  double closing = 0;
  int connections = 100;
  double seconds = 10;
  std::size_t bytes = 200;
};

std::int64_t now_ns() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

// -- what is sent -----------------------------------------------------------------------------------------------------

// Where the fields of a batch header lie, and what a wrong one says. The checksum covers what follows it.
std::string altered(std::string batch, std::size_t at, std::string_view bytes) {
  constexpr std::size_t checksum_at = 17;
  batch.replace(at, bytes.size(), bytes);
  if (at <= checksum_at) return batch;
  const std::uint32_t sum =
      htonl(highwater::crypto::crc32c(highwater::as_bytes(std::string_view(batch).substr(checksum_at + 4))));
  std::memcpy(batch.data() + checksum_at, &sum, sizeof sum);
  return batch;
}

std::vector<std::string> bad_batches(const std::string& good) {
  using namespace std::string_view_literals;
  return {
      altered(good, 17, "\1\2\3\4"sv),          // checksum
      altered(good, 16, "\3"sv),                // magic
      altered(good, 8, "\0\0\0\0"sv),           // length
      altered(good, 8, "\x7f\xff\xff\xff"sv),   // ... 2^31-1
      altered(good, 21, "\0\x07"sv),            // a codec that does not exist
      altered(good, 21, "\0\x01"sv),            // gzip that is none
      altered(good, 21, "\0\x20"sv),            // a control batch
      altered(good, 23, "\xff\xff\xff\xff"sv),  // last offset delta -1
      altered(good, 57, "\x7f\xff\xff\xff"sv),  // record count 2^31-1
      good.substr(0, 60),
      good + good,
  };
}

std::string join(const std::vector<std::string>& batches, const Options& options) {
  std::string out;
  for (std::size_t i = 0; i < burst; ++i) out += produce_request({options.topic, 0}, -1, batches[i % batches.size()]);
  return out;
}

// What a server must not answer but hang up on.
std::vector<std::string> closing_inputs() {
  using namespace std::string_view_literals;
  return {
      std::string("\xff\xff\xff\xff"sv),                                    // length -1
      std::string("\0\0\0\0"sv),                                            // length 0
      std::string("\x7f\xff\xff\xff"sv),                                    // length 2^31-1
      std::string("\0\0\0\x0a\x7f\xff\0\0\0\0\0\1\xff\xff"sv),              // API 32767
      std::string("\0\0\0\x0a\0\3\0\x63\0\0\0\1\xff\xff"sv),                // Metadata version 99
      std::string("\0\0\0\x0e\0\3\0\1\0\0\0\1\xff\xff\x7f\xff\xff\xff"sv),  // 2^31-1 topics
      std::string("\0\0\0\x0c\0\3\0\1\0\0\0\1\x7f\xff"
                  "ab"sv),  // client id beyond the frame
      std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"sv),
  };
}

// -- who sends it -----------------------------------------------------------------------------------------------------

int connect_to(int port, std::uint32_t source) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail(std::string("no socket: ") + std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, bind_address_no_port, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source);
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail(std::string("cannot connect: ") + std::strerror(errno));
  return fd;
}

enum class Input : std::uint8_t { bad, good };

class Flood {
 public:
  Flood(const Options& options, Input input)
      : options_(options),
        input_(input),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        closing_inputs_(input == Input::bad ? closing_inputs() : std::vector{end_offset_request({options.topic, 0})}) {
    const std::string good = build_batch(options.bytes).bytes;
    outgoing_ = join(input == Input::bad ? bad_batches(good) : std::vector{good}, options);
    for (int i = 0; i < options.connections; ++i) {
      Lane& lane = lanes_.emplace_back();
      lane.connection = std::make_unique<Connection>(options.port);
      watch(lane.connection->fd(), static_cast<std::uint64_t>(i));
    }
  }

  void run() {
    begun_ = now_ns();
    const std::int64_t end = begun_ + static_cast<std::int64_t>(options_.seconds * 1e9);
    while (now_ns() < end) {
      send_due();
      connect_due();
      take(1);
    }
    const double seconds = static_cast<double>(now_ns() - begun_) / 1e9;
    const std::int64_t answered = answered_;
    const std::int64_t closed = closed_;
    const std::int64_t patience = now_ns() + close_patience_ns;
    while ((answered_ < sent_ || !open_.empty()) && now_ns() < patience) take(10);
    if (answered_ < sent_) fail(std::to_string(sent_ - answered_) + " requests were not answered");
    if (!open_.empty()) fail(std::to_string(open_.size()) + " connections were not closed");
    std::printf(
        "{\"mode\":\"%s\",\"seconds\":%.3f,\"answered\":%lld,\"answered_per_s\":%.0f,\"closed\":%lld,"
        "\"closed_per_s\":%.0f}\n",
        input_ == Input::bad ? "refused" : "valid", seconds, static_cast<long long>(answered),
        static_cast<double>(answered) / seconds, static_cast<long long>(closed), static_cast<double>(closed) / seconds);
  }

 private:
  struct Lane {
    std::unique_ptr<Connection> connection;
    std::size_t under_way = 0;
  };
  static constexpr std::uint64_t first_visitor = 1u << 20;

  void watch(int fd, std::uint64_t name) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u64 = name;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll refuses a connection");
  }
  double elapsed() const { return static_cast<double>(now_ns() - begun_) / 1e9; }

  void send_due() {
    const auto due = static_cast<std::int64_t>(elapsed() * options_.rate);
    for (std::size_t tried = 0; sent_ + static_cast<std::int64_t>(burst) <= due && tried < lanes_.size(); ++tried) {
      Lane& lane = lanes_[next_lane_++ % lanes_.size()];
      if (lane.under_way + burst > under_way_max) continue;
      lane.connection->send(outgoing_);
      lane.under_way += burst;
      sent_ += burst;
    }
  }

  // Visitors come from several addresses: one has too few ports for those that the kernel still remembers.
  void connect_due() {
    const auto due = static_cast<std::int64_t>(elapsed() * options_.closing);
    for (int at_once = 0; visitors_ < due && at_once < 64; ++at_once) {
      const int fd = connect_to(options_.port, 1 + static_cast<std::uint32_t>(visitors_ % 16));
      const std::string& input = closing_inputs_[static_cast<std::size_t>(visitors_) % closing_inputs_.size()];
      ::send(fd, input.data(), input.size(), MSG_NOSIGNAL);
      watch(fd, first_visitor + static_cast<std::uint64_t>(fd));
      open_[fd] = now_ns();
      ++visitors_;
    }
    if (!open_.empty() && now_ns() - oldest_looked_ > 1'000'000'000) {
      oldest_looked_ = now_ns();
      for (const auto& [fd, since] : open_)
        if (oldest_looked_ - since > close_patience_ns) fail("a connection with bad input stays open");
    }
  }

  void take(int timeout_ms) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t name = events[static_cast<std::size_t>(i)].data.u64;
      if (name < first_visitor) {
        take_answers(lanes_[name]);
      } else {
        visitor_heard(static_cast<int>(name - first_visitor));
      }
    }
  }

  void take_answers(Lane& lane) {
    if (!lane.connection->receive(Connection::Wait::no)) return;
    std::string_view answer;
    while (lane.connection->next_answer(answer)) {
      const int error = produce_error(answer);
      if ((error == 0) == (input_ == Input::bad)) fail("a Produce was answered with " + std::to_string(error));
      --lane.under_way;
      ++answered_;
    }
  }

  void visitor_heard(int fd) {
    std::array<char, 256> buffer;
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0 && input_ == Input::bad) fail("bad input was answered instead of closed");
    ::close(fd);
    open_.erase(fd);
    ++closed_;
  }

  const Options& options_;
  Input input_;
  int epoll_;
  std::vector<std::string> closing_inputs_;
  std::string outgoing_;
  std::vector<Lane> lanes_;
  std::size_t next_lane_ = 0;
  std::map<int, std::int64_t> open_;  // visitors by descriptor: since when
  std::int64_t begun_ = 0;
  std::int64_t oldest_looked_ = 0;
  std::int64_t sent_ = 0;
  std::int64_t answered_ = 0;
  std::int64_t visitors_ = 0;
  std::int64_t closed_ = 0;
};

// One request at a time, each at its appointed moment; the time counts from that moment, so that a server that stands
// still is not flattered.
int probe(const Options& options) {
  Connection connection(options.port);
  const std::string request = produce_request({options.topic, 0}, -1, build_batch(options.bytes).bytes);
  std::vector<std::int64_t> latencies;
  const std::int64_t begun = now_ns();
  const auto interval = static_cast<std::int64_t>(1e9 / options.rate);
  const auto count = static_cast<std::int64_t>(options.seconds * options.rate);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t due = begun + i * interval;
    if (const std::int64_t early = due - now_ns(); early > 0) {
      const timespec pause{early / 1'000'000'000, early % 1'000'000'000};
      ::nanosleep(&pause, nullptr);
    }
    if (const int error = produce_error(connection.ask(request)); error != 0)
      fail("the probe was refused: error code " + std::to_string(error));
    latencies.push_back(now_ns() - due);
  }
  std::ranges::sort(latencies);
  const auto percentile = [&](double part) {
    return static_cast<double>(latencies[static_cast<std::size_t>(part * static_cast<double>(latencies.size() - 1))]) /
           1e3;
  };
  std::printf("{\"mode\":\"probe\",\"requests\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f}\n",
              latencies.size(), percentile(0.5), percentile(0.99), percentile(1));
  return 0;
}

Options parse(int count, char** words) {
  Options options;
  parse_words(count, words,
              {{"port", &options.port},
               {"topic", &options.topic},
               {"rate", &options.rate},
               {"closing", &options.closing},
               {"connections", &options.connections},
               {"seconds", &options.seconds},
               {"bytes", &options.bytes}});
  return options;
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  const std::string mode = count > 1 ? words[1] : "";
  const bench::Options options = bench::parse(count, words);
  if (mode == "probe") return bench::probe(options);
  if (mode != "refused" && mode != "valid") bench::fail("the first word is `refused`, `valid` or `probe`");
  bench::Flood(options, mode == "refused" ? bench::Input::bad : bench::Input::good).run();
  return 0;
}
