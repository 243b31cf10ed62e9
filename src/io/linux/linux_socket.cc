#include "io/linux/linux_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "foundation/base/check.h"
#include "io/linux/kernel_errors.h"

namespace highwater::io {

std::unique_ptr<LinuxSocket> LinuxSocket::adopt(Descriptor fd, Poller& poller, ReadyQueue& queue) {
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::unique_ptr<LinuxSocket> socket(new LinuxSocket(std::move(fd), queue));
  if (!poller.add(socket->fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *socket)) return nullptr;
  return socket;
}

LinuxSocket::LinuxSocket(Descriptor fd, ReadyQueue& queue)
    : fd_(std::move(fd)), queue_(&queue), peer_(peer_address(fd_.get())), local_(local_address(fd_.get())) {}

void LinuxSocket::on_events(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
  if ((events & EPOLLIN) != 0 || hung_up_) {
    may_read_ = true;
    if (reader_.pending()) reader_.complete({});
  }
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
    may_write_ = true;
    if (writer_.pending()) writer_.complete({});
  }
}

Future<IoStatus> LinuxSocket::wait(Promise<IoStatus>& waiting) {
  HW_CHECK(!waiting.wanted());
  auto [promise, future] = make_future<IoStatus>(*queue_);
  waiting = std::move(promise);
  return std::move(future);
}

Future<IoStatus> LinuxSocket::readable() {
  if (!fd_.valid()) return Future<IoStatus>::ready(std::unexpected(IoError::closed));
  return may_read_ ? Future<IoStatus>::ready({}) : wait(reader_);
}

Future<IoStatus> LinuxSocket::writable() {
  if (!fd_.valid()) return Future<IoStatus>::ready(std::unexpected(IoError::closed));
  return may_write_ ? Future<IoStatus>::ready({}) : wait(writer_);
}

IoResult<std::optional<std::size_t>> LinuxSocket::try_read(MutableBytes buffer) {
  if (!fd_.valid()) return std::unexpected(IoError::closed);
  HW_CHECK(!buffer.empty());
  ssize_t got;
  do {
    got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) return std::unexpected(io_error_of(errno));
    may_read_ = false;
    return std::optional<std::size_t>();
  }
  if (static_cast<std::size_t>(got) < buffer.size() && !hung_up_) may_read_ = false;
  return static_cast<std::size_t>(got);
}

IoResult<std::size_t> LinuxSocket::try_write(std::span<const ByteView> pieces) {
  if (!fd_.valid()) return std::unexpected(IoError::closed);
  constexpr std::size_t most = 64;
  iovec vectors[most];
  const std::size_t count = std::min(pieces.size(), most);
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {const_cast<std::uint8_t*>(pieces[i].data()), pieces[i].size()};
    total += pieces[i].size();
  }
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = count;
  ssize_t sent;
  do {
    sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) return std::unexpected(io_error_of(errno));
    may_write_ = false;
    return std::size_t{0};
  }
  if (static_cast<std::size_t>(sent) < total) may_write_ = false;
  return static_cast<std::size_t>(sent);
}

void LinuxSocket::shutdown_write() {
  if (fd_.valid()) ::shutdown(fd_.get(), SHUT_WR);
}

void LinuxSocket::close() {
  fd_.reset();
  if (reader_.pending()) reader_.complete(std::unexpected(IoError::closed));
  if (writer_.pending()) writer_.complete(std::unexpected(IoError::closed));
}

}  // namespace highwater::io
