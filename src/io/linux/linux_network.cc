#include "io/linux/linux_network.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "io/linux/addresses.h"
#include "io/linux/kernel_errors.h"
#include "io/linux/linux_listener.h"
#include "io/linux/linux_socket.h"

namespace highwater::io {

namespace {

constexpr std::size_t lookup_limit = 1024;

// One connection on its way: it is over when the kernel or the clock says so, whoever is first.
class Attempt final : public EventTarget {
 public:
  explicit Attempt(Descriptor fd, Promise<IoStatus> over) : fd_(std::move(fd)), over_(std::move(over)) {}

  int fd() const { return fd_.get(); }
  Descriptor take() { return std::move(fd_); }
  void finish(IoStatus status) {
    if (over_.pending()) over_.complete(status);
  }
  void on_events(std::uint32_t) override {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return finish(std::unexpected(io_error_of(error)));
    finish({});
  }

 private:
  Descriptor fd_;
  Promise<IoStatus> over_;
};

Task<void> expire(Future<Done> deadline, Attempt& attempt) {
  co_await std::move(deadline);
  attempt.finish(std::unexpected(IoError::timed_out));
}

struct Lookup {
  Promise<std::vector<SocketAddress>> over;
};

Task<void> answer(Future<std::vector<SocketAddress>> found, Lookup& lookup) {
  std::vector<SocketAddress> addresses = co_await std::move(found);
  if (lookup.over.pending()) lookup.over.complete(std::move(addresses));
}

Task<void> give_up(Future<Done> deadline, Lookup& lookup) {
  co_await std::move(deadline);
  if (lookup.over.pending()) lookup.over.complete({});
}

}  // namespace

LinuxNetwork::LinuxNetwork(Reactor& reactor, Poller& poller, Inbox& inbox, PortSharing sharing)
    : reactor_(&reactor),
      poller_(&poller),
      sharing_(sharing),
      resolver_(inbox, "hw-resolver", lookup_limit),
      dialling_(reactor.ready()) {}

IoResult<std::unique_ptr<Listener>> LinuxNetwork::listen(Address address, ListenOptions options) {
  IoError error = IoError::unreachable;
  for (const SocketAddress& candidate : resolve(address, NameLookup::full)) {
    IoResult<Descriptor> fd = open_listening_socket(candidate, options, sharing_);
    if (fd) return LinuxListener::adopt(std::move(*fd), *poller_, reactor_->ready());
    error = fd.error();
    if (error == IoError::address_in_use) break;
  }
  return std::unexpected(error);
}

Future<IoResult<std::unique_ptr<Socket>>> LinuxNetwork::connect(Address address, Duration timeout) {
  auto [promise, future] = reactor_->make_future<Connected>();
  dialling_.spawn(dial(std::move(address), timeout, std::move(promise)));
  return std::move(future);
}

IoStatus LinuxNetwork::adopt(Socket& detached) {
  return static_cast<LinuxSocket&>(detached).attach(*poller_, reactor_->ready());
}

Task<void> LinuxNetwork::dial(Address address, Duration timeout, Promise<Connected> promise) {
  const Instant deadline = reactor_->now() + timeout;
  Candidates candidates = resolve(address, NameLookup::numeric_only);
  if (candidates.empty()) candidates = co_await look_up(std::move(address), deadline);
  const bool late = candidates.empty() && reactor_->now() >= deadline;
  Connected result = std::unexpected(late ? IoError::timed_out : IoError::unreachable);
  for (const SocketAddress& candidate : candidates) {
    result = co_await dial_one(candidate, deadline);
    if (result || result.error() == IoError::timed_out || !promise.wanted()) break;
  }
  promise.complete(std::move(result));
}

// Empty when nothing was found in time: the lookup itself cannot be called back, its late answer is dropped.
Task<LinuxNetwork::Candidates> LinuxNetwork::look_up(Address address, Instant deadline) {
  auto [promise, future] = reactor_->make_future<Candidates>();
  Lookup lookup{std::move(promise)};
  TaskGroup racers(reactor_->ready());
  std::move_only_function<Candidates()> work = [address] { return resolve(address, NameLookup::full); };
  Future<Candidates> found = resolver_.call<Candidates>(reactor_->ready(), std::move(work), Candidates());
  racers.spawn(answer(std::move(found), lookup));
  Future<Done> over = reactor_->sleep_until(deadline);
  racers.spawn(give_up(std::move(over), lookup));
  co_return co_await std::move(future);
}

Task<LinuxNetwork::Connected> LinuxNetwork::dial_one(SocketAddress address, Instant deadline) {
  Descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) co_return std::unexpected(io_error_of(errno));
  if (::connect(fd.get(), address.get(), address.length) != 0 && errno != EINPROGRESS) {
    co_return std::unexpected(io_error_of(errno));
  }
  auto [promise, future] = reactor_->make_future<IoStatus>();
  Attempt attempt(std::move(fd), std::move(promise));
  if (!poller_->add(attempt.fd(), EPOLLOUT | EPOLLET, attempt)) co_return std::unexpected(io_error_of(errno));
  TaskGroup clock(reactor_->ready());
  Future<Done> over = reactor_->sleep_until(deadline);
  clock.spawn(expire(std::move(over), attempt));
  const IoStatus status = co_await std::move(future);
  if (!status) co_return std::unexpected(status.error());

  // The attempt is done with it: the same descriptor enters epoll anew, with the socket as its target.
  Descriptor connected = attempt.take();
  poller_->remove(connected.get());
  std::unique_ptr<Socket> socket = LinuxSocket::adopt(std::move(connected), *poller_, reactor_->ready());
  if (socket == nullptr) co_return std::unexpected(io_error_of(errno));
  co_return socket;
}

}  // namespace highwater::io
