#include <doctest/doctest.h>

#include "io/linux/linux_reactor.h"
#include "io/linux/test_support.h"

namespace highwater::io {
namespace {

// One of everything that a coroutine can wait for, with small and large file operations.
Task<void> serve(Reactor& reactor, Listener& listener, std::string path) {
  IoResult<std::unique_ptr<Socket>> socket = co_await listener.accept();
  if (!socket) co_return;
  const IoStatus arrived = co_await (*socket)->readable();
  std::uint8_t buffer[100];
  if (!arrived || !(*socket)->try_read(buffer)) co_return;
  IoResult<std::unique_ptr<File>> file = co_await reactor.files().open(path, OpenMode::create);
  if (!file) co_return;
  for (const std::size_t size : {std::size_t{1'000}, std::size_t{600'000}}) {
    std::vector<Slice> slices(1, Slice::copy_of(std::vector<std::uint8_t>(size, 7)));
    const IoStatus written = co_await (*file)->write(0, std::move(slices));
    if (!written) co_return;
    const IoStatus synced = co_await (*file)->sync(SyncKind::data);
    if (!synced) co_return;
    const IoResult<Slice> back = co_await (*file)->read(0, size);
    if (!back) co_return;
  }
  const IoStatus cut = co_await (*file)->truncate(10);
  const IoStatus replaced = co_await reactor.files().replace_file(path, Slice::copy_of(as_bytes("new")));
  const IoStatus removed = co_await reactor.files().remove(path);
  if (!cut || !replaced || !removed) co_return;
  Future<Done> pause = reactor.sleep_until(reactor.now() + Duration::from_us(10));
  co_await std::move(pause);
  const ByteView pieces[] = {as_bytes("done")};
  const IoResult<std::size_t> sent = (*socket)->try_write(pieces);
  CHECK(sent);
}

Task<void> ask(Reactor& reactor, Address address, bool& answered) {
  Future<IoResult<std::unique_ptr<Socket>>> connecting = reactor.network().connect(address, patience);
  IoResult<std::unique_ptr<Socket>> socket = co_await std::move(connecting);
  if (!socket) co_return;
  const ByteView pieces[] = {as_bytes("please")};
  if (!(*socket)->try_write(pieces)) co_return;
  const IoStatus arrived = co_await (*socket)->readable();
  answered = arrived.has_value();
}

// Lets `turns` turns happen, each with at most one step of a coroutine, then destroys all frames, and then the loop.
// True when all was done.
bool run_and_kill(FileEngineKind kind, int turns, const TemporaryFolder& folder) {
  LinuxOptions options;
  options.file_engine = kind;
  options.resume_limit = 1;
  const auto reactor = make_reactor(options);
  const auto listener = std::move(*reactor->network().listen({"127.0.0.1", 0}, {4}));
  bool answered = false;
  TaskGroup tasks(reactor->ready());
  tasks.spawn(serve(*reactor, *listener, folder / "f"));
  tasks.spawn(ask(*reactor, {"localhost", listener->local().port}, answered));
  const auto enough = [&] { return turns-- == 0 || tasks.size() == 0; };
  REQUIRE(reactor->run_until(enough, patience));
  return tasks.size() == 0 && answered;
}

}  // namespace

TEST_CASE("a kill at any await leaves nothing behind") {
  for (const FileEngineKind kind : {FileEngineKind::automatic, FileEngineKind::thread}) {
    const TemporaryFolder folder;
    int turns = 0;
    while (!run_and_kill(kind, turns, folder)) {
      ++turns;
      REQUIRE(turns < 500);
    }
    CHECK(turns > 12);
  }
}

}  // namespace highwater::io
