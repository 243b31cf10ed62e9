#include "io/linux/linux_listener.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "foundation/base/check.h"
#include "io/linux/kernel_errors.h"
#include "io/linux/linux_socket.h"

namespace highwater::io {

namespace {

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

IoResult<Descriptor> bind_to(const SocketAddress& address, bool shared) {
  Descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return std::unexpected(io_error_of(errno));
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (shared) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (address.family() == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd.get(), address.get(), address.length) != 0) return std::unexpected(io_error_of(errno));
  return fd;
}

}  // namespace

IoResult<Descriptor> open_listening_socket(const SocketAddress& address, const ListenOptions& options,
                                           PortSharing sharing) {
  if (sharing == PortSharing::first) {
    // SO_REUSEPORT would let a second server of the same user take half of our connections: ask without it first.
    IoResult<Descriptor> alone = bind_to(address, false);
    if (!alone) return alone;
    if (::listen(alone->get(), 1) != 0) return std::unexpected(io_error_of(errno));
  }
  IoResult<Descriptor> fd = bind_to(address, sharing != PortSharing::alone);
  if (!fd) return fd;
  // Before listen(2): the window that a handshake announces depends on it.
  if (options.send_buffer_bytes >= 0) set_option(fd->get(), SOL_SOCKET, SO_SNDBUF, options.send_buffer_bytes);
  if (options.receive_buffer_bytes >= 0) set_option(fd->get(), SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes);
  if (::listen(fd->get(), options.backlog) != 0) return std::unexpected(io_error_of(errno));
  return fd;
}

IoResult<std::unique_ptr<Listener>> LinuxListener::adopt(Descriptor fd, Poller& poller, ReadyQueue& queue) {
  std::unique_ptr<LinuxListener> listener(new LinuxListener(std::move(fd), poller, queue));
  if (!poller.add(listener->fd_.get(), EPOLLIN | EPOLLET, *listener)) return std::unexpected(io_error_of(errno));
  return listener;
}

LinuxListener::LinuxListener(Descriptor fd, Poller& poller, ReadyQueue& queue)
    : fd_(std::move(fd)), poller_(&poller), queue_(&queue), local_(local_address(fd_.get())) {}

Future<IoResult<std::unique_ptr<Socket>>> LinuxListener::accept() {
  if (!fd_.valid()) return Future<Accepted>::ready(std::unexpected(IoError::closed));
  if (std::optional<Accepted> now = try_accept()) return Future<Accepted>::ready(std::move(*now));
  HW_CHECK(!waiting_.wanted());
  auto [promise, future] = make_future<Accepted>(*queue_);
  waiting_ = std::move(promise);
  return std::move(future);
}

std::optional<LinuxListener::Accepted> LinuxListener::try_accept() {
  for (;;) {
    Descriptor fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.valid()) {
      std::unique_ptr<Socket> socket = LinuxSocket::adopt(std::move(fd), *poller_, *queue_);
      if (socket == nullptr) return std::unexpected(io_error_of(errno));
      return socket;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    // The peer left before we came: the next one may be there.
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
    return std::unexpected(io_error_of(errno));
  }
}

void LinuxListener::on_events(std::uint32_t) {
  if (!waiting_.wanted()) return;
  if (std::optional<Accepted> now = try_accept()) waiting_.complete(std::move(*now));
}

void LinuxListener::close() {
  fd_.reset();
  if (waiting_.pending()) waiting_.complete(std::unexpected(IoError::closed));
}

}  // namespace highwater::io
