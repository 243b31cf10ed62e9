#include "io/linux/linux_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "foundation/base/check.h"
#include "io/linux/kernel_errors.h"
#include "io/linux/sent_file.h"

namespace highwater::io {

std::unique_ptr<LinuxSocket> LinuxSocket::adopt(Descriptor fd, Poller& poller, ReadyQueue& queue) {
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::unique_ptr<LinuxSocket> socket(new LinuxSocket(std::move(fd)));
  if (!socket->attach(poller, queue)) return nullptr;
  return socket;
}

LinuxSocket::LinuxSocket(Descriptor fd)
    : fd_(std::move(fd)), peer_(peer_address(fd_.get())), local_(local_address(fd_.get())) {}

void LinuxSocket::detach() {
  HW_CHECK(!reader_.wanted() && !writer_.wanted());
  reader_ = {};
  writer_ = {};
  if (fd_.valid()) poller_->remove(fd_.get());
}

// What the kernel said elsewhere is forgotten: reading and writing is tried before it is waited for.
IoStatus LinuxSocket::attach(Poller& poller, ReadyQueue& queue) {
  poller_ = &poller;
  queue_ = &queue;
  may_read_ = may_write_ = true;
  if (!fd_.valid()) return std::unexpected(IoError::closed);
  if (poller.add(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this)) return {};
  return std::unexpected(io_error_of(errno));
}

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

IoResult<std::size_t> LinuxSocket::try_write(std::span<const ByteView> pieces) { return write(pieces, 0); }

IoResult<std::size_t> LinuxSocket::write(std::span<const ByteView> pieces, int flags) {
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
  ssize_t result;
  do {
    result = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | flags);
  } while (result < 0 && errno == EINTR);
  return sent(result, total);
}

IoResult<std::size_t> LinuxSocket::sent(std::int64_t result, std::size_t wanted) {
  if (result < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) return std::unexpected(io_error_of(errno));
    may_write_ = false;
    return std::size_t{0};
  }
  if (static_cast<std::size_t>(result) < wanted) may_write_ = false;
  return static_cast<std::size_t>(result);
}

IoResult<std::size_t> LinuxSocket::try_send(std::span<const ByteView> head, const FilePart& part) {
  std::size_t before = 0;
  std::size_t head_size = 0;
  for (const ByteView piece : head) head_size += piece.size();
  if (head_size > 0) {
    // One segment with what follows: without that the peer would wake for the header alone.
    const IoResult<std::size_t> written = write(head, MSG_MORE);
    if (!written || *written < head_size) return written;
    before = *written;
  }
  if (!fd_.valid()) return std::unexpected(IoError::closed);
  auto offset = static_cast<off_t>(part.offset);
  const int file = static_cast<const SentFile&>(*part.file).fd();
  ssize_t result;
  do {
    result = ::sendfile(fd_.get(), file, &offset, part.length);
  } while (result < 0 && errno == EINTR);
  if (result == 0 && part.length > 0) return std::unexpected(IoError::other);  // the file was cut meanwhile
  const IoResult<std::size_t> gone = sent(result, part.length);
  if (!gone) return gone;
  return before + *gone;
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
