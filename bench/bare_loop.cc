// bare_loop: the least that a log server can do for rawgen's requests, as the floor that Highwater is measured against.
// One thread, one epoll: large reads, every checksum verified, base offset and leader epoch written into the batch
// where it lies, all batches of a read appended by one gathered write, all answers of a read in one send, fetches by
// sendfile. Nothing is allocated per request. No replication, no sync, no recovery, no limits: never a product, only a
// yardstick.
//   bare_loop port=0 directory=DIR      prints the port; one partition a topic; ends with SIGTERM
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/crypto/crc32c.h"

namespace bench {
namespace {

constexpr std::size_t input_bytes = 4 << 20;  // more than the largest request
constexpr std::size_t output_bytes = 1 << 20;
constexpr std::size_t gather_bytes = 256 << 10;
constexpr std::size_t gather_pieces = 512;
constexpr std::size_t index_interval = 4'096;
constexpr std::size_t index_entries = 4 << 20;  // reserved, touched as the log grows
constexpr std::size_t max_answers = 256;        // fetches under way on one connection
constexpr std::size_t max_topics = 64;
constexpr std::size_t batch_header = 61;
constexpr int socket_bytes = 100 << 10;  // socket.send.buffer.bytes and socket.receive.buffer.bytes of both servers

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "bare_loop: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

template <class Number>
Number load(const char* at) {
  Number value;
  std::memcpy(&value, at, sizeof value);
  return std::byteswap(value);
}

template <class Number>
char* store(char* at, Number value) {
  value = std::byteswap(value);
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

// Walks a request; what it is given comes from rawgen alone, so a lie ends the program.
struct Cursor {
  const char* at;
  const char* end;

  template <class Number>
  Number number() {
    if (end - at < static_cast<std::ptrdiff_t>(sizeof(Number))) fail("a request is too short");
    at += sizeof(Number);
    return load<Number>(at - sizeof(Number));
  }
  std::string_view bytes(std::int64_t count) {
    if (count < 0 || count > end - at) fail("a request is too short");
    at += count;
    return {at - count, static_cast<std::size_t>(count)};
  }
  std::string_view string() {
    const auto length = number<std::int16_t>();
    return length < 0 ? std::string_view() : bytes(length);
  }
};

struct IndexEntry {
  std::int64_t offset;
  std::int64_t position;
};

struct Topic {
  std::string name;
  int fd = -1;
  std::int64_t next_offset = 0;
  std::int64_t written = 0;   // bytes in the file
  std::int64_t gathered = 0;  // bytes behind them that the next write takes along
  std::int64_t indexed = -static_cast<std::int64_t>(index_interval);
  std::vector<IndexEntry> index;

  std::int64_t end() const { return written + gathered; }
};

// Log bytes that follow what is in the output buffer up to `after`.
struct FileRange {
  std::size_t after;
  int fd;
  off_t position;
  std::size_t bytes;
};

struct Peer {
  int fd;
  std::unique_ptr<char[]> in = std::make_unique<char[]>(input_bytes);
  std::size_t begin = 0;
  std::size_t end = 0;
  std::unique_ptr<char[]> out = std::make_unique<char[]>(output_bytes);
  std::size_t out_end = 0;
  std::size_t out_sent = 0;
  std::array<FileRange, max_answers> ranges{};
  std::size_t range_count = 0;
  std::size_t range_sent = 0;
  bool blocked = false;

  bool room_for_answers() const { return range_count < max_answers && output_bytes - out_end > 4'096; }
};

class Loop {
 public:
  Loop(int port, std::string directory);
  [[noreturn]] void run();

 private:
  void accept_one();
  // False: the peer has gone.
  bool read_from(Peer& peer);
  void answer_all(Peer& peer);
  bool send_to(Peer& peer);
  void watch(Peer& peer, bool blocked);
  void answer(Peer& peer, Cursor request);

  char* produce(Cursor& request, char* out);
  char* fetch(Cursor& request, char* out, Peer& peer);
  char* end_offset(Cursor& request, char* out);
  char* create(Cursor& request, char* out);
  char* remove(Cursor& request, char* out);

  Topic* find(std::string_view name);
  void append(Topic& topic, char* batch, std::size_t bytes);
  void write_gathered();
  static std::int64_t position_of(const Topic& topic, std::int64_t offset);

  std::string directory_;
  int listener_;
  int epoll_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<Topic> topics_;
  Topic* gathering_ = nullptr;
  std::array<iovec, gather_pieces> pieces_{};
  std::size_t piece_count_ = 0;
};

Loop::Loop(int port, std::string directory) : directory_(std::move(directory)) {
  topics_.reserve(max_topics);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener_, SOL_SOCKET, SO_SNDBUF, &socket_bytes, sizeof socket_bytes);
  ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &socket_bytes, sizeof socket_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
  if (::listen(listener_, 64) != 0) fail("listen");
  socklen_t length = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

void Loop::run() {
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (peer == nullptr) {
        accept_one();
        continue;
      }
      const bool alive = peer->blocked ? send_to(*peer) : read_from(*peer);
      if (alive) continue;
      ::close(peer->fd);
      std::erase_if(peers_, [&](const auto& one) { return one.get() == peer; });
    }
  }
}

void Loop::accept_one() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  peers_.push_back(std::make_unique<Peer>(fd));
  epoll_event event{.events = EPOLLIN, .data = {.ptr = peers_.back().get()}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

bool Loop::read_from(Peer& peer) {
  if (peer.begin == peer.end) peer.begin = peer.end = 0;
  if (input_bytes - peer.end < input_bytes / 2) {
    std::memmove(peer.in.get(), peer.in.get() + peer.begin, peer.end - peer.begin);
    peer.end -= peer.begin;
    peer.begin = 0;
  }
  const ssize_t got = ::recv(peer.fd, peer.in.get() + peer.end, std::min(input_bytes - peer.end, gather_bytes * 4), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
  if (got > 0) peer.end += static_cast<std::size_t>(got);
  answer_all(peer);
  return send_to(peer);
}

void Loop::answer_all(Peer& peer) {
  while (peer.end - peer.begin >= 4 && peer.room_for_answers()) {
    const auto size = load<std::uint32_t>(peer.in.get() + peer.begin);
    if (size > input_bytes / 2) fail("a request is too large");
    if (peer.end - peer.begin - 4 < size) break;
    const char* body = peer.in.get() + peer.begin + 4;
    answer(peer, {body, body + size});
    peer.begin += 4 + size;
  }
  write_gathered();
}

void Loop::watch(Peer& peer, bool blocked) {
  if (peer.blocked == blocked) return;
  peer.blocked = blocked;
  epoll_event event{.events = blocked ? EPOLLOUT : EPOLLIN, .data = {.ptr = &peer}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, peer.fd, &event);
}

bool Loop::send_to(Peer& peer) {
  while (peer.out_sent < peer.out_end || peer.range_sent < peer.range_count) {
    FileRange* range = peer.range_sent < peer.range_count ? &peer.ranges[peer.range_sent] : nullptr;
    const std::size_t until = range != nullptr ? range->after : peer.out_end;
    ssize_t gone = 0;
    if (peer.out_sent < until) {
      const int flags = MSG_NOSIGNAL | (range != nullptr ? MSG_MORE : 0);
      gone = ::send(peer.fd, peer.out.get() + peer.out_sent, until - peer.out_sent, flags);
      if (gone > 0) peer.out_sent += static_cast<std::size_t>(gone);
    } else {
      gone = ::sendfile(peer.fd, range->fd, &range->position, range->bytes);
      if (gone > 0) range->bytes -= static_cast<std::size_t>(gone);
      if (range->bytes == 0) ++peer.range_sent;
    }
    if (gone >= 0) continue;
    if (errno != EAGAIN) return false;
    watch(peer, true);
    return true;
  }
  peer.out_end = peer.out_sent = peer.range_count = peer.range_sent = 0;
  watch(peer, false);
  // What came while the peer would not take answers.
  if (peer.end - peer.begin < 4) return true;
  const std::size_t before = peer.begin;
  answer_all(peer);
  return peer.begin == before || send_to(peer);
}

void Loop::answer(Peer& peer, Cursor request) {
  const auto key = request.number<std::int16_t>();
  request.number<std::int16_t>();
  const auto correlation = request.number<std::int32_t>();
  request.string();
  char* const size_at = peer.out.get() + peer.out_end;
  char* out = store(size_at + 4, correlation);
  const std::size_t ranges_before = peer.range_count;
  switch (key) {
    case 0:
      out = produce(request, out);
      break;
    case 1:
      out = fetch(request, out, peer);
      break;
    case 2:
      out = end_offset(request, out);
      break;
    case 19:
      out = create(request, out);
      break;
    case 20:
      out = remove(request, out);
      break;
    default:
      fail("a request that rawgen does not send");
  }
  peer.out_end = static_cast<std::size_t>(out - peer.out.get());
  std::size_t size = static_cast<std::size_t>(out - size_at) - 4;
  if (peer.range_count > ranges_before) {
    peer.ranges[ranges_before].after = peer.out_end;
    size += peer.ranges[ranges_before].bytes;
  }
  store(size_at, static_cast<std::uint32_t>(size));
}

Topic* Loop::find(std::string_view name) {
  for (Topic& topic : topics_) {
    if (topic.name == name) return &topic;
  }
  return nullptr;
}

// Every answer names the one topic and its one partition again.
char* begin_answer(char* out, std::string_view topic) {
  out = store(out, std::int32_t{1});
  out = store(out, static_cast<std::int16_t>(topic.size()));
  std::memcpy(out, topic.data(), topic.size());
  return out + topic.size();
}

char* Loop::produce(Cursor& request, char* out) {
  request.string();  // transactional id
  request.number<std::int16_t>();
  request.number<std::int32_t>();
  if (request.number<std::int32_t>() != 1) fail("more than one topic");
  const std::string_view name = request.string();
  if (request.number<std::int32_t>() != 1) fail("more than one partition");
  const auto partition = request.number<std::int32_t>();
  const std::string_view batch = request.bytes(request.number<std::int32_t>());
  Topic* topic = find(name);
  const std::int64_t base = topic != nullptr ? topic->next_offset : -1;
  std::int16_t error = topic != nullptr ? 0 : 3;
  if (batch.size() < batch_header) {
    error = 2;
  } else if (error == 0) {
    const std::string_view covered = batch.substr(21);
    if (highwater::crypto::crc32c(highwater::as_bytes(covered)) != load<std::uint32_t>(batch.data() + 17)) error = 2;
  }
  if (error == 0) append(*topic, const_cast<char*>(batch.data()), batch.size());
  out = begin_answer(out, name);
  out = store(out, std::int32_t{1});
  out = store(out, partition);
  out = store(out, error);
  out = store(out, base);
  out = store(out, std::int64_t{-1});  // log append time
  out = store(out, std::int64_t{0});   // log start
  return store(out, std::int32_t{0});  // throttle
}

void Loop::append(Topic& topic, char* batch, std::size_t bytes) {
  const bool full = piece_count_ == gather_pieces || topic.gathered >= static_cast<std::int64_t>(gather_bytes);
  if (full || (gathering_ != nullptr && gathering_ != &topic)) write_gathered();
  gathering_ = &topic;
  store(batch, topic.next_offset);
  store(batch + 12, std::int32_t{0});
  if (topic.end() - topic.indexed >= static_cast<std::int64_t>(index_interval) && topic.index.size() < index_entries) {
    topic.index.push_back({topic.next_offset, topic.end()});
    topic.indexed = topic.end();
  }
  topic.next_offset += load<std::int32_t>(batch + 23) + 1;
  topic.gathered += static_cast<std::int64_t>(bytes);
  iovec* last = piece_count_ > 0 ? &pieces_[piece_count_ - 1] : nullptr;
  if (last != nullptr && static_cast<char*>(last->iov_base) + last->iov_len == batch) {
    last->iov_len += bytes;
  } else {
    pieces_[piece_count_++] = {batch, bytes};
  }
}

void Loop::write_gathered() {
  if (gathering_ == nullptr) return;
  const ssize_t gone = ::pwritev(gathering_->fd, pieces_.data(), static_cast<int>(piece_count_), gathering_->written);
  if (gone != gathering_->gathered) fail("the log took less than it was given");
  gathering_->written += gone;
  gathering_->gathered = 0;
  gathering_ = nullptr;
  piece_count_ = 0;
}

std::int64_t Loop::position_of(const Topic& topic, std::int64_t offset) {
  const auto after = std::ranges::upper_bound(topic.index, offset, {}, &IndexEntry::offset);
  if (after == topic.index.begin()) return 0;
  std::int64_t position = std::prev(after)->position;
  while (position < topic.written) {
    std::array<char, 27> header{};
    if (::pread(topic.fd, header.data(), header.size(), position) != static_cast<ssize_t>(header.size())) break;
    if (load<std::int64_t>(header.data()) + load<std::int32_t>(header.data() + 23) >= offset) break;
    position += load<std::int32_t>(header.data() + 8) + 12;
  }
  return position;
}

char* Loop::fetch(Cursor& request, char* out, Peer& peer) {
  request.bytes(4 + 4 + 4 + 4 + 1);  // replica, wait, least, most, isolation
  if (request.number<std::int32_t>() != 1) fail("more than one topic");
  const std::string_view name = request.string();
  if (request.number<std::int32_t>() != 1) fail("more than one partition");
  const auto partition = request.number<std::int32_t>();
  const auto offset = request.number<std::int64_t>();
  const auto most = request.number<std::int32_t>();
  write_gathered();
  const Topic* topic = find(name);
  const std::int64_t position = topic != nullptr ? position_of(*topic, offset) : 0;
  const std::int64_t bytes = topic != nullptr ? std::min<std::int64_t>(most, topic->written - position) : 0;
  out = store(out, std::int32_t{0});  // throttle
  out = begin_answer(out, name);
  out = store(out, std::int32_t{1});
  out = store(out, partition);
  out = store(out, static_cast<std::int16_t>(topic != nullptr ? 0 : 3));
  out = store(out, topic != nullptr ? topic->next_offset : -1);
  out = store(out, topic != nullptr ? topic->next_offset : -1);
  out = store(out, std::int32_t{-1});  // aborted transactions
  out = store(out, static_cast<std::int32_t>(bytes));
  if (bytes > 0) peer.ranges[peer.range_count++] = {0, topic->fd, position, static_cast<std::size_t>(bytes)};
  return out;
}

char* Loop::end_offset(Cursor& request, char* out) {
  request.bytes(8);  // replica, one topic
  const std::string_view name = request.string();
  request.number<std::int32_t>();
  const auto partition = request.number<std::int32_t>();
  const Topic* topic = find(name);
  out = begin_answer(out, name);
  out = store(out, std::int32_t{1});
  out = store(out, partition);
  out = store(out, static_cast<std::int16_t>(topic != nullptr ? 0 : 3));
  out = store(out, std::int64_t{-1});
  return store(out, topic != nullptr ? topic->next_offset : -1);
}

char* Loop::create(Cursor& request, char* out) {
  request.bytes(4);
  const std::string_view name = request.string();
  std::int16_t error = find(name) != nullptr ? 36 : 0;
  if (error == 0) {
    if (topics_.size() == max_topics) fail("too many topics");
    const std::string path = directory_ + "/" + std::string(name) + ".log";
    Topic& topic = topics_.emplace_back();
    topic.name = name;
    topic.fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (topic.fd < 0) fail("open");
    topic.index.reserve(index_entries);
  }
  out = store(out, std::int32_t{0});  // throttle
  out = begin_answer(out, name);
  out = store(out, error);
  return store(out, std::int16_t{-1});  // message
}

char* Loop::remove(Cursor& request, char* out) {
  request.bytes(4);
  const std::string_view name = request.string();
  Topic* topic = find(name);
  const std::int16_t error = topic != nullptr ? 0 : 3;
  out = store(out, std::int32_t{0});  // throttle
  out = begin_answer(out, name);
  if (topic != nullptr) {
    ::close(topic->fd);
    ::unlink((directory_ + "/" + topic->name + ".log").c_str());
    topics_.erase(topics_.begin() + (topic - topics_.data()));
  }
  return store(out, error);
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  int port = 0;
  std::string directory = ".";
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word.starts_with("port=")) port = std::atoi(word.c_str() + 5);
    if (word.starts_with("directory=")) directory = word.substr(10);
  }
  bench::Loop(port, directory).run();
}
