#include "io/sim/network.h"

#include <algorithm>

#include "io/sim/reactor.h"

namespace highwater::io::sim {

namespace {

constexpr Duration dial_retry = Duration::from_seconds(1);  // when a SYN was lost

class SimSocket final : public Socket {
 public:
  SimSocket(std::shared_ptr<Connection> connection, int side) : connection_(std::move(connection)), side_(side) {}
  ~SimSocket() override { connection_->close(side_); }

  Future<IoStatus> readable() override {
    if (closed_) return Future<IoStatus>::ready(std::unexpected(IoError::closed));
    return connection_->readable(side_);
  }
  IoResult<std::optional<std::size_t>> try_read(MutableBytes buffer) override {
    if (closed_) return std::unexpected(IoError::closed);
    return connection_->receive(side_, buffer);
  }
  Future<IoStatus> writable() override {
    if (closed_) return Future<IoStatus>::ready(std::unexpected(IoError::closed));
    return connection_->writable(side_);
  }
  IoResult<std::size_t> try_write(std::span<const ByteView> pieces) override {
    if (closed_) return std::unexpected(IoError::closed);
    return connection_->send(side_, pieces);
  }
  IoResult<std::size_t> try_send(std::span<const ByteView> head, const FilePart& part) override {
    if (closed_) return std::unexpected(IoError::closed);
    // More than a buffer takes need not be read.
    constexpr std::size_t most = 64 << 10;
    const FileContent& content = static_cast<const SentInode&>(*part.file).inode->file;
    const Slice bytes = content.read(part.offset, std::min(part.length, most));
    if (bytes.empty() && part.length > 0) return std::unexpected(IoError::other);
    std::vector<ByteView> pieces(head.begin(), head.end());
    pieces.push_back(bytes.view());
    return connection_->send(side_, pieces);
  }
  void shutdown_write() override {
    if (!closed_) connection_->finish(side_);
  }
  void close() override {
    closed_ = true;
    connection_->close(side_);
  }
  Address peer() const override { return connection_->peer(side_); }
  Address local() const override { return connection_->local(side_); }
  void detach() override { connection_->detach(side_); }
  IoStatus attach(SimReactor& reactor) {
    if (closed_) return std::unexpected(IoError::closed);
    connection_->attach(side_, reactor);
    return {};
  }

 private:
  std::shared_ptr<Connection> connection_;
  int side_;
  bool closed_ = false;
};

}  // namespace

struct SimNetwork::Dial {
  SimReactor* reactor;  // valid while `life` is
  std::shared_ptr<const Life> life;
  Machine* target;
  Address local;
  std::uint16_t port;
  Instant deadline;
  Promise<IoResult<std::unique_ptr<Socket>>> promise;
};

IoResult<std::unique_ptr<Listener>> SimNetwork::listen(Address address, ListenOptions options) {
  Machine& machine = reactor_->machine();
  if (address.port == 0) {
    address.port = machine.take_ephemeral_port();
  } else if (const auto found = machine.ports().find(address.port); found != machine.ports().end()) {
    // Reactors of one process share a port (SO_REUSEPORT); another process does not get it.
    if (&found->second.front()->reactor().process() != &reactor_->process()) {
      return std::unexpected(IoError::address_in_use);
    }
  }
  return std::make_unique<SimListener>(*reactor_, std::move(address),
                                       static_cast<std::size_t>(std::max(options.backlog, 1)));
}

Future<IoResult<std::unique_ptr<Socket>>> SimNetwork::connect(Address address, Duration timeout) {
  using Dialled = IoResult<std::unique_ptr<Socket>>;
  Machine& machine = reactor_->machine();
  World& world = machine.world();
  const bool own = address.host == "localhost" || address.host == "127.0.0.1";
  Machine* target = own ? &machine : world.find_machine(address.host);
  if (target == nullptr) return Future<Dialled>::ready(std::unexpected(IoError::unreachable));
  auto [promise, future] = reactor_->make_future<Dialled>();
  auto dial = std::make_shared<Dial>(Dial{.reactor = reactor_,
                                          .life = reactor_->process().life(),
                                          .target = target,
                                          .local = {machine.name(), machine.take_ephemeral_port()},
                                          .port = address.port,
                                          .deadline = world.now() + timeout,
                                          .promise = std::move(promise)});
  world.at(world.now() + world.fabric().draw_delay(machine), [dial] { arrive(dial); });
  return std::move(future);
}

IoStatus SimNetwork::adopt(Socket& detached) { return static_cast<SimSocket&>(detached).attach(*reactor_); }

// The SYN is at the target, or lost on its way.
void SimNetwork::arrive(std::shared_ptr<Dial> dial) {
  if (!dial->life->alive || !dial->promise.wanted()) return;
  Machine& source = dial->reactor->machine();
  Machine& target = *dial->target;
  World& world = source.world();
  const auto found = target.ports().find(dial->port);
  const bool listening = found != target.ports().end();
  SimListener* listener = nullptr;
  if (listening) listener = found->second[target.net_random().below(found->second.size())];
  const bool lost = !target.powered() || !world.fabric().reaches(source, target) ||
                    !world.fabric().reaches(target, source) || (listening && listener->full());
  if (lost) {
    const Instant again = world.now() + dial_retry;
    if (again >= dial->deadline) {
      return world.at(dial->deadline, [dial] { answer(dial, std::unexpected(IoError::timed_out)); });
    }
    return world.at(again, [dial] { arrive(dial); });
  }
  const Instant back = world.now() + world.fabric().draw_delay(target);
  if (!listening) {
    target.trace(TraceKind::refuse, 0, dial->port);
    return world.at(back, [dial] { answer(dial, std::unexpected(IoError::refused)); });
  }
  auto connection =
      world.fabric().connect({dial->reactor, dial->local}, {&listener->reactor(), {target.name(), dial->port}});
  target.trace(TraceKind::accept, 0, dial->port);
  listener->offer(connection);
  world.at(back, [dial, connection] { answer(dial, connection); });
}

void SimNetwork::answer(std::shared_ptr<Dial> dial, IoResult<std::shared_ptr<Connection>> result) {
  if (!dial->life->alive || !dial->promise.wanted()) {
    // Nobody waits any more: the kernel of the dialler ends the connection.
    if (result.has_value()) (*result)->close(0);
    return;
  }
  dial->reactor->machine().trace(TraceKind::connect, result.has_value() ? 1 : 0, dial->port);
  if (result.has_value()) {
    dial->promise.complete(std::make_unique<SimSocket>(std::move(*result), 0));
  } else {
    dial->promise.complete(std::unexpected(result.error()));
  }
  dial->reactor->kick();
}

SimListener::SimListener(SimReactor& reactor, Address local, std::size_t backlog)
    : reactor_(&reactor), local_(std::move(local)), backlog_(backlog) {
  reactor_->machine().ports()[local_.port].push_back(this);
}

SimListener::~SimListener() { close(); }

Future<IoResult<std::unique_ptr<Socket>>> SimListener::accept() {
  using Accepted = IoResult<std::unique_ptr<Socket>>;
  if (closed_) return Future<Accepted>::ready(std::unexpected(IoError::closed));
  if (!queue_.empty()) {
    std::unique_ptr<Socket> socket = std::move(queue_.front());
    queue_.pop_front();
    return Future<Accepted>::ready(std::move(socket));
  }
  auto [promise, future] = reactor_->make_future<Accepted>();
  acceptor_ = std::move(promise);
  return std::move(future);
}

void SimListener::offer(std::shared_ptr<Connection> connection) {
  auto socket = std::make_unique<SimSocket>(std::move(connection), 1);
  if (acceptor_.pending() && acceptor_.wanted()) {
    acceptor_.complete(std::move(socket));
    reactor_->kick();
  } else {
    queue_.push_back(std::move(socket));
  }
}

void SimListener::close() {
  if (closed_) return;
  closed_ = true;
  auto& ports = reactor_->machine().ports();
  const auto found = ports.find(local_.port);
  std::erase(found->second, this);
  if (found->second.empty()) ports.erase(found);
  queue_.clear();
  if (acceptor_.pending()) {
    acceptor_.complete(std::unexpected(IoError::closed));
    reactor_->kick();
  }
}

}  // namespace highwater::io::sim
