#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "io/linux/linux_reactor.h"
#include "io/linux/test_support.h"
#include "io/task.h"

namespace highwater::io {
namespace {

const Address anywhere{"127.0.0.1", 0};

Task<std::unique_ptr<Socket>> dial(Reactor& reactor, Address address) {
  Future<IoResult<std::unique_ptr<Socket>>> connecting = reactor.network().connect(address, patience);
  IoResult<std::unique_ptr<Socket>> socket = co_await std::move(connecting);
  REQUIRE(socket);
  co_return std::move(*socket);
}

Task<std::unique_ptr<Socket>> take(Listener& listener) {
  IoResult<std::unique_ptr<Socket>> socket = co_await listener.accept();
  REQUIRE(socket);
  co_return std::move(*socket);
}

Task<void> send_all(Socket& socket, ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView pieces[] = {bytes.first(bytes.size() / 2), bytes.subspan(bytes.size() / 2)};
    const IoResult<std::size_t> sent = socket.try_write(pieces);
    REQUIRE(sent);
    bytes = bytes.subspan(*sent);
    if (*sent > 0) continue;
    const IoStatus ready = co_await socket.writable();
    REQUIRE(ready);
  }
  socket.shutdown_write();
}

// To the end of the stream, or what ended it.
Task<IoResult<std::string>> receive_all(Socket& socket) {
  std::string received;
  std::uint8_t buffer[10'000];
  for (;;) {
    const IoResult<std::optional<std::size_t>> got = socket.try_read(buffer);
    if (!got) co_return std::unexpected(got.error());
    if (!got->has_value()) {
      const IoStatus ready = co_await socket.readable();
      if (!ready) co_return std::unexpected(ready.error());
      continue;
    }
    if (**got == 0) co_return received;
    received.append(reinterpret_cast<const char*>(buffer), **got);
  }
}

std::unique_ptr<Listener> listen(Reactor& reactor) { return std::move(*reactor.network().listen(anywhere, {16})); }

Task<void> echo(Listener& listener) {
  std::unique_ptr<Socket> socket = co_await take(listener);
  const IoResult<std::string> heard = co_await receive_all(*socket);
  REQUIRE(heard);
  co_await send_all(*socket, as_bytes(*heard));
}

Task<void> ask(Reactor& reactor, Address address, std::string text, std::string& answer) {
  std::unique_ptr<Socket> socket = co_await dial(reactor, address);
  CHECK(socket->peer() == address);
  co_await send_all(*socket, as_bytes(text));
  IoResult<std::string> heard = co_await receive_all(*socket);
  REQUIRE(heard);
  answer = std::move(*heard);
}

Task<void> connect_to(Reactor& reactor, Address address, Duration timeout, std::optional<IoError>& error) {
  Future<IoResult<std::unique_ptr<Socket>>> connecting = reactor.network().connect(address, timeout);
  const IoResult<std::unique_ptr<Socket>> socket = co_await std::move(connecting);
  if (!socket) error = socket.error();
}

Task<void> hear_end(Socket& socket, std::optional<IoError>& error) {
  const IoResult<std::string> heard = co_await receive_all(socket);
  if (!heard) error = heard.error();
}

struct Pair {
  std::unique_ptr<Socket> near;
  std::unique_ptr<Socket> far;
};

Task<void> make_pair(Reactor& reactor, Listener& listener, Pair& pair) {
  pair.near = co_await dial(reactor, listener.local());
  pair.far = co_await take(listener);
}

// Two sockets that are connected.
struct Connected {
  Connected() {
    tasks.spawn(make_pair(*reactor, *listener, pair));
    finish();
  }
  void finish() { io::finish(*reactor, tasks); }

  std::unique_ptr<LinuxReactor> reactor = make_reactor();
  std::unique_ptr<Listener> listener = listen(*reactor);
  Pair pair;
  TaskGroup tasks{reactor->ready()};
};

}  // namespace

namespace {

Task<void> write_file(Reactor& reactor, std::string path, std::string content, std::unique_ptr<File>& file) {
  auto opened = co_await reactor.files().open(std::move(path), OpenMode::create_new);
  REQUIRE(opened);
  file = std::move(*opened);
  std::vector<Slice> slices;
  slices.push_back(Slice::copy_of(as_bytes(content)));
  const IoStatus written = co_await file->write(0, std::move(slices));
  REQUIRE(written);
}

Task<void> send_with_head(Socket& socket, std::string head, FilePart part, IoStatus& outcome) {
  Piece first(Slice::copy_of(as_bytes(head)));
  while (first.size() + part.length > 0) {
    const ByteView pieces[] = {first.bytes.view()};
    const IoResult<std::size_t> sent = socket.try_send(pieces, part);
    if (!sent) outcome = std::unexpected(sent.error());
    if (!sent) break;
    const std::size_t of_head = std::min(*sent, first.size());
    first.drop_front(of_head);
    part.offset += *sent - of_head;
    part.length -= *sent - of_head;
    if (*sent > 0) continue;
    const IoStatus ready = co_await socket.writable();
    REQUIRE(ready);
  }
  socket.shutdown_write();
}

Task<void> receive_into(Socket& socket, std::string& received) {
  auto all = co_await receive_all(socket);
  REQUIRE(all);
  received = *all;
}

}  // namespace

TEST_CASE("a part of a file follows its head, and one that was cut is an error") {
  const auto reactor = make_reactor();
  const auto listener = listen(*reactor);
  const TemporaryFolder folder;
  TaskGroup tasks(reactor->ready());
  std::string content(3'000'000, 'x');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i % 23);
  std::unique_ptr<File> file;
  tasks.spawn(write_file(*reactor, folder / "f", content, file));
  Pair pair;
  tasks.spawn(make_pair(*reactor, *listener, pair));
  finish(*reactor, tasks);
  CHECK_FALSE(file->cached_part(content.size() - 10, 5'000));
  const std::optional<FilePart> part = file->cached_part(1'000, 2'500'000);
  if (!part) {
    MESSAGE("NOT RUN: this kernel does not tell what the page cache holds");
    return;
  }
  std::string received;
  IoStatus outcome;
  tasks.spawn(send_with_head(*pair.near, "head", *part, outcome));
  tasks.spawn(receive_into(*pair.far, received));
  finish(*reactor, tasks);
  CHECK(outcome);
  CHECK((received == "head" + content.substr(1'000, 2'500'000)));

  Pair other;
  tasks.spawn(make_pair(*reactor, *listener, other));
  finish(*reactor, tasks);
  FilePart beyond = *part;
  beyond.offset = content.size();
  tasks.spawn(send_with_head(*other.near, "head", beyond, outcome));
  finish(*reactor, tasks);
  CHECK_FALSE(outcome);
}

TEST_CASE("bytes go both ways and each direction ends by itself") {
  const auto reactor = make_reactor();
  const auto listener = listen(*reactor);
  TaskGroup tasks(reactor->ready());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5'000'000}}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
    std::string answer = "none";
    tasks.spawn(echo(*listener));
    tasks.spawn(ask(*reactor, listener->local(), text, answer));
    finish(*reactor, tasks);
    CHECK((answer == text));
  }
}

TEST_CASE("a name is resolved off the loop") {
  const auto reactor = make_reactor();
  const auto listener = listen(*reactor);
  TaskGroup tasks(reactor->ready());
  std::optional<IoError> error;
  tasks.spawn(connect_to(*reactor, {"localhost", listener->local().port}, patience, error));
  finish(*reactor, tasks);
  CHECK_FALSE(error);
}

TEST_CASE("connecting where nobody listens is refused") {
  const auto reactor = make_reactor();
  auto listener = listen(*reactor);
  const Address address = listener->local();
  listener.reset();
  TaskGroup tasks(reactor->ready());
  std::optional<IoError> error;
  tasks.spawn(connect_to(*reactor, address, patience, error));
  finish(*reactor, tasks);
  CHECK(error == IoError::refused);
}

TEST_CASE("connecting to one who does not answer ends at the deadline") {
  const auto reactor = make_reactor();
  // A queue of one that nobody empties: the kernel drops further openings.
  const auto listener = std::move(*reactor->network().listen(anywhere, {0}));
  TaskGroup tasks(reactor->ready());
  std::vector<std::optional<IoError>> errors(4);
  for (auto& error : errors) {
    tasks.spawn(connect_to(*reactor, listener->local(), Duration::from_ms(100), error));
  }
  finish(*reactor, tasks);
  CHECK(errors.back() == IoError::timed_out);
}

TEST_CASE("a port in use is told, also by one who would share") {
  const auto reactor = make_reactor();
  const auto listener = listen(*reactor);
  const auto second_listener = reactor->network().listen(listener->local(), {16});
  REQUIRE_FALSE(second_listener);
  CHECK(second_listener.error() == IoError::address_in_use);

  LinuxOptions options;
  options.port_sharing = PortSharing::first;
  const auto first = make_reactor(options);
  options.port_sharing = PortSharing::further;
  const auto further = make_reactor(options);
  const auto shared = first->network().listen(anywhere, {16});
  REQUIRE(shared);
  CHECK(further->network().listen((*shared)->local(), {16}));
  CHECK(first->network().listen((*shared)->local(), {16}).error() == IoError::address_in_use);
}

TEST_CASE("closing a socket or a listener ends its waits") {
  Connected rig;
  std::optional<IoError> error;
  rig.tasks.spawn(hear_end(*rig.pair.near, error));
  Future<IoResult<std::unique_ptr<Socket>>> accepting = rig.listener->accept();
  rig.pair.near->close();
  rig.listener->close();
  rig.finish();
  CHECK(error == IoError::closed);
  CHECK(accepting.is_ready());
  std::uint8_t byte[1];
  CHECK(rig.pair.near->try_read(byte).error() == IoError::closed);
  CHECK(rig.pair.near->try_write({}).error() == IoError::closed);
}

TEST_CASE("a reset by the peer is an error and not an end") {
  Connected rig;
  std::optional<IoError> error;
  rig.tasks.spawn(hear_end(*rig.pair.near, error));
  // Unread bytes turn a close into a reset.
  const ByteView pieces[] = {as_bytes("unread")};
  CHECK(rig.pair.near->try_write(pieces));
  rig.pair.far.reset();
  rig.finish();
  CHECK(error == IoError::reset);
  CHECK(rig.pair.near->try_write(pieces).error() == IoError::reset);
}

TEST_CASE("bytes that came before the end of the stream are read before it") {
  Connected rig;
  const ByteView pieces[] = {as_bytes("last words")};
  CHECK(rig.pair.far->try_write(pieces));
  rig.pair.far.reset();
  // Reads smaller than what is there, with turns in between, must still find both the rest and the end.
  std::string heard;
  for (bool ended = false; !ended;) {
    rig.reactor->run_for(Duration::from_us(100));
    std::uint8_t buffer[4];
    const auto got = rig.pair.near->try_read(buffer);
    REQUIRE(got);
    if (!got->has_value()) continue;
    ended = **got == 0;
    heard.append(reinterpret_cast<const char*>(buffer), **got);
  }
  CHECK(heard == "last words");
}

TEST_CASE("a killed task leaves the socket usable for the next one") {
  Connected rig;
  std::optional<IoError> error;
  {
    TaskGroup killed(rig.reactor->ready());
    killed.spawn(hear_end(*rig.pair.near, error));
    rig.reactor->run_for(Duration::from_ms(1));
  }
  rig.tasks.spawn(hear_end(*rig.pair.near, error));
  rig.pair.far->shutdown_write();
  rig.finish();
  CHECK_FALSE(error);
}

TEST_CASE("a socket goes on on another reactor with what arrived before and meanwhile") {
  const auto first = make_reactor();
  const auto second = make_reactor();
  const auto listener = listen(*first);
  Pair pair;
  TaskGroup on_first(first->ready());
  on_first.spawn(make_pair(*first, *listener, pair));
  finish(*first, on_first);
  on_first.spawn(send_all(*pair.near, as_bytes("asked before the move")));
  finish(*first, on_first);
  const Address peer = pair.far->peer();

  pair.far->detach();
  REQUIRE(second->network().adopt(*pair.far));
  TaskGroup on_second(second->ready());
  std::string heard;
  on_second.spawn(receive_into(*pair.far, heard));
  finish(*second, on_second);
  CHECK(heard == "asked before the move");
  CHECK(pair.far->peer() == peer);
  on_second.spawn(send_all(*pair.far, as_bytes("answered behind it")));
  finish(*second, on_second);
  on_first.spawn(receive_into(*pair.near, heard));
  finish(*first, on_first);
  CHECK(heard == "answered behind it");
}

}  // namespace highwater::io
