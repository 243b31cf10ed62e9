#include "connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "wire.h"

namespace bench {

namespace {

constexpr std::size_t largest_answer = 64u << 20;
constexpr int silence_seconds = 60;

std::uint32_t length_at(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return ntohl(value);
}

}  // namespace

Connection::Connection(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), buffer_(1u << 20) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("nobody listens on 127.0.0.1:" + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval silence{silence_seconds, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
}

Connection::~Connection() { ::close(fd_); }

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) fail(std::string("the server does not take a request: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Connection::receive(Wait wait) {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ >= 4) {
    const std::size_t whole = std::size_t{4} + length_at(buffer_.data());
    if (whole > largest_answer) fail("the server announces an answer of more than 64 MiB");
    if (whole > buffer_.size()) buffer_.resize(whole);
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const int flags = wait == Wait::no ? MSG_DONTWAIT : 0;
  const ssize_t got = ::recv(fd_, buffer_.data() + end_, buffer_.size() - end_, flags);
  if (got < 0 && (errno == EINTR || (wait == Wait::no && errno == EAGAIN))) return false;
  if (got < 0) fail(std::string("no answer came: ") + std::strerror(errno));
  if (got == 0) fail("the server closed the connection");
  end_ += static_cast<std::size_t>(got);
  return true;
}

bool Connection::next_answer(std::string_view& answer) {
  if (end_ - begin_ < 8) return false;
  const std::size_t length = length_at(buffer_.data() + begin_);
  if (length < 4) fail("an answer has no header");
  if (end_ - begin_ < 4 + length) return false;
  answer = std::string_view(buffer_.data() + begin_ + 8, length - 4);
  begin_ += 4 + length;
  return true;
}

std::string Connection::ask(std::string_view request) {
  send(request);
  std::string_view answer;
  while (!next_answer(answer)) receive(Wait::yes);
  return std::string(answer);
}

}  // namespace bench
