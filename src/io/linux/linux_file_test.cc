#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "io/linux/linux_reactor.h"
#include "io/linux/test_support.h"
#include "io/task.h"

namespace highwater::io {
namespace {

using FileResult = IoResult<std::unique_ptr<File>>;

Slice pattern(std::size_t size, std::uint8_t first) {
  Slice slice = Slice::allocate(size);
  for (std::size_t i = 0; i < size; ++i) slice.writable()[i] = static_cast<std::uint8_t>(first + i * 7);
  return slice;
}

bool same(const Slice& a, const Slice& b) { return std::ranges::equal(a.view(), b.view()); }

Task<std::unique_ptr<File>> open_file(Reactor& reactor, std::string path, OpenMode mode) {
  FileResult file = co_await reactor.files().open(std::move(path), mode);
  REQUIRE(file);
  co_return std::move(*file);
}

Task<IoStatus> write_one(File& file, std::uint64_t offset, Slice slice) {
  std::vector<Slice> slices(1, std::move(slice));
  co_return co_await file.write(offset, std::move(slices));
}

std::string content_of(const std::string& path) {
  const IoResult<Slice> content = paths::read_file(path, 1u << 30);
  REQUIRE(content);
  return std::string(as_text(content->view()));
}

// Every test of files holds with io_uring and with the file thread; where the kernel forbids io_uring only the latter.
using Body = Task<void> (*)(LinuxReactor&, const TemporaryFolder&);
void with_each_engine(Body body) {
  for (const FileEngineKind kind : {FileEngineKind::automatic, FileEngineKind::thread}) {
    LinuxOptions options;
    options.file_engine = kind;
    const auto reactor = make_reactor(options);
    CAPTURE(reactor->file_engine());
    const TemporaryFolder folder;
    TaskGroup tasks(reactor->ready());
    tasks.spawn(body(*reactor, folder));
    finish(*reactor, tasks);
  }
}

Task<void> write_and_read(LinuxReactor& reactor, const TemporaryFolder& folder) {
  const std::unique_ptr<File> file = co_await open_file(reactor, folder / "f", OpenMode::create_new);
  // Small and large ones take different ways, and 2,500 pieces are more than one call of the kernel takes.
  const std::size_t sizes[] = {1, 4'096, 256 * 1'024, 256 * 1'024 + 1, 3'000'000};
  std::uint64_t end = 0;
  for (const std::size_t size : sizes) {
    const Slice slice = pattern(size, static_cast<std::uint8_t>(size));
    const IoStatus written = co_await write_one(*file, end, slice);
    REQUIRE(written);
    const IoResult<Slice> back = co_await file->read(end, size);
    REQUIRE(back);
    CHECK(same(*back, slice));
    end += size;
  }
  for (const std::size_t size : {std::size_t{10}, std::size_t{1'000}}) {
    const Slice whole = pattern(2'500 * size, 3);
    std::vector<Slice> pieces;
    for (std::size_t i = 0; i < 2'500; ++i) pieces.push_back(whole.part(i * size, size));
    pieces.push_back(Slice());
    const IoStatus written = co_await file->write(end, std::move(pieces));
    REQUIRE(written);
    const IoResult<Slice> back = co_await file->read(end, whole.size());
    REQUIRE(back);
    CHECK(same(*back, whole));
    end += whole.size();
  }
  const IoStatus synced = co_await file->sync(SyncKind::data);
  CHECK(synced);
  const IoStatus all_synced = co_await file->sync(SyncKind::data_and_metadata);
  CHECK(all_synced);
  const IoResult<std::uint64_t> size = co_await file->size();
  CHECK(size == end);
}

Task<void> read_past_the_end(LinuxReactor& reactor, const TemporaryFolder& folder) {
  const std::unique_ptr<File> file = co_await open_file(reactor, folder / "f", OpenMode::create);
  const IoStatus written = co_await write_one(*file, 0, Slice::copy_of(as_bytes("0123456789")));
  REQUIRE(written);
  const IoResult<Slice> tail = co_await file->read(7, 1u << 30);
  REQUIRE(tail);
  CHECK(as_text(tail->view()) == "789");
  const IoResult<Slice> nothing = co_await file->read(10, 100);
  REQUIRE(nothing);
  CHECK(nothing->empty());
  const IoResult<std::optional<Slice>> now = file->try_read(11, 5);
  REQUIRE(now);
  CHECK((now->has_value() && (*now)->empty()));
  const IoStatus cut = co_await file->truncate(4);
  REQUIRE(cut);
  const IoResult<Slice> rest = co_await file->read(0, 100);
  REQUIRE(rest);
  CHECK(as_text(rest->view()) == "0123");
}

Task<void> read_uncached(LinuxReactor& reactor, const TemporaryFolder& folder) {
  const std::string path = folder / "f";
  const std::unique_ptr<File> file = co_await open_file(reactor, path, OpenMode::create);
  const Slice slice = pattern(200'000, 1);
  const IoStatus written = co_await write_one(*file, 0, slice);
  REQUIRE(written);
  const IoStatus synced = co_await file->sync(SyncKind::data_and_metadata);
  REQUIRE(synced);
  const int raw = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED);
  ::close(raw);
  // Whether the kernel really let go is its own choice; what comes back must be right either way.
  const IoResult<std::optional<Slice>> now = file->try_read(0, slice.size());
  REQUIRE(now);
  if (now->has_value()) CHECK(same(**now, slice));
  const IoResult<Slice> back = co_await file->read(0, slice.size());
  REQUIRE(back);
  CHECK(same(*back, slice));
  const IoResult<std::optional<Slice>> again = file->try_read(0, slice.size());
  REQUIRE(again);
  if (again->has_value()) CHECK(same(**again, slice));
}

Task<void> run_out_of_space(LinuxReactor& reactor, const TemporaryFolder& folder) {
  (void)folder;
  const std::unique_ptr<File> full = co_await open_file(reactor, "/dev/full", OpenMode::read_write);
  for (const std::size_t size : {std::size_t{100}, std::size_t{1'000'000}}) {
    const IoStatus written = co_await write_one(*full, 0, pattern(size, 0));
    REQUIRE_FALSE(written);
    CHECK(written.error() == IoError::no_space);
  }
}

// The limit on file sizes makes the kernel take a part of a write, as a disk that fills up does.
Task<void> fit_in_part(LinuxReactor& reactor, const TemporaryFolder& folder) {
  const std::unique_ptr<File> file = co_await open_file(reactor, folder / "f", OpenMode::create);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const IoStatus little = co_await write_one(*file, 0, pattern(5'000, 0));
  const IoStatus much = co_await write_one(*file, 0, pattern(500'000, 0));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_DFL);
  REQUIRE_FALSE(little);
  CHECK(little.error() == IoError::no_space);
  REQUIRE_FALSE(much);
  CHECK(much.error() == IoError::no_space);
  const IoResult<std::uint64_t> size = co_await file->size();
  CHECK(size == 1'000);
}

Task<void> refuse_what_is_wrong(LinuxReactor& reactor, const TemporaryFolder& folder) {
  FileSystem& files = reactor.files();
  const FileResult absent = co_await files.open(folder / "absent", OpenMode::read);
  CHECK(absent.error() == IoError::not_found);
  const std::unique_ptr<File> file = co_await open_file(reactor, folder / "f", OpenMode::create_new);
  const FileResult twice = co_await files.open(folder / "f", OpenMode::create_new);
  CHECK(twice.error() == IoError::already_exists);
  const IoStatus under_a_file = co_await files.make_directories(folder / "f/below");
  CHECK(under_a_file.error() == IoError::not_directory);
  const auto listed = co_await files.list(folder / "absent");
  CHECK(listed.error() == IoError::not_found);
  const IoStatus made = co_await files.make_directories(folder / "d/e");
  CHECK(made);
  const IoStatus not_empty = co_await files.remove(folder / "d");
  CHECK(not_empty.error() == IoError::not_empty);
  const IoResult<Slice> too_big = co_await files.read_file("/dev/full", 10);
  CHECK(too_big.error() == IoError::other);
  const std::unique_ptr<File> readable = co_await open_file(reactor, folder / "f", OpenMode::read);
  const IoStatus refused = co_await write_one(*readable, 0, pattern(1, 0));
  CHECK_FALSE(refused);
}

Task<void> keep_house(LinuxReactor& reactor, const TemporaryFolder& folder) {
  FileSystem& files = reactor.files();
  const IoStatus made = co_await files.make_directories(folder / "a/b/c");
  REQUIRE(made);
  const IoStatus again = co_await files.make_directories(folder / "a/b/c/");
  REQUIRE(again);
  const IoStatus replaced = co_await files.replace_file(folder / "a/z", Slice::copy_of(as_bytes("one")));
  REQUIRE(replaced);
  const IoStatus replaced_again = co_await files.replace_file(folder / "a/z", Slice::copy_of(as_bytes("two")));
  REQUIRE(replaced_again);
  std::vector<NewFile> many;
  for (int i = 0; i < 20; ++i)
    many.push_back({folder / (i % 2 == 0 ? "a/b/" : "a/b/c/") + std::to_string(i), Slice::copy_of(as_bytes("many"))});
  const IoStatus all_replaced = co_await files.replace_files(std::move(many));
  REQUIRE(all_replaced);
  const IoResult<Slice> one_of_many = co_await files.read_file(folder / "a/b/c/19", 4);
  REQUIRE(one_of_many);
  CHECK(as_text(one_of_many->view()) == "many");
  const IoResult<std::vector<DirectoryEntry>> even = co_await files.list(folder / "a/b");
  REQUIRE(even);
  CHECK(even->size() == 11);
  const IoStatus renamed = co_await files.rename(folder / "a/z", folder / "a/y");
  REQUIRE(renamed);
  const IoStatus synced = co_await files.sync_directory(folder / "a");
  CHECK(synced);
  const IoResult<std::vector<DirectoryEntry>> entries = co_await files.list(folder / "a");
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK(entries->front().name == "b");
  CHECK(entries->front().is_directory);
  CHECK(entries->back().name == "y");
  CHECK_FALSE(entries->back().is_directory);
  const IoResult<Slice> content = co_await files.read_file(folder / "a/y", 3);
  REQUIRE(content);
  CHECK(as_text(content->view()) == "two");
  const IoResult<DiskSpace> space = co_await files.space(folder.path());
  REQUIRE(space);
  CHECK(space->total_bytes >= space->usable_bytes);
  const IoStatus removed = co_await files.remove(folder / "a/y");
  CHECK(removed);
  const IoStatus tree = co_await files.remove_tree(folder / "a");
  CHECK(tree);
  const IoResult<std::vector<DirectoryEntry>> rest = co_await files.list(folder.path());
  REQUIRE(rest);
  CHECK(rest->empty());
}

Task<void> ask_without_waiting(LinuxReactor& reactor, const TemporaryFolder& folder) {
  FileSystem& files = reactor.files();
  Future<IoStatus> one = files.replace_file(folder / "x", Slice::copy_of(as_bytes("1")));
  Future<IoStatus> two = files.rename(folder / "x", folder / "y");
  Future<IoStatus> three = files.replace_file(folder / "x", Slice::copy_of(as_bytes("3")));
  Future<IoStatus> four = files.remove(folder / "y");
  Future<IoResult<Slice>> five = files.read_file(folder / "x", 10);
  const IoResult<Slice> content = co_await std::move(five);
  REQUIRE(content);
  CHECK(as_text(content->view()) == "3");
  CHECK((one.is_ready() && two.is_ready() && three.is_ready() && four.is_ready()));
}

Task<void> forget_a_write(LinuxReactor& reactor, const TemporaryFolder& folder) {
  const std::unique_ptr<File> file = co_await open_file(reactor, folder / "f", OpenMode::create);
  std::vector<Slice> slices(1, pattern(2'000'000, 5));
  {
    const Future<IoStatus> forgotten = file->write(0, std::move(slices));
  }
  {
    const Future<IoResult<Slice>> nothing = file->read(0, 1'000'000);
  }
  {
    const Future<IoStatus> sync = file->sync(SyncKind::data);
  }
}

Task<void> refuse_too_many(LinuxReactor& reactor, const TemporaryFolder& folder) {
  const std::unique_ptr<File> file = co_await open_file(reactor, folder / "f", OpenMode::create);
  std::vector<Future<IoStatus>> syncs;
  while (reactor.counters().refused == 0) syncs.push_back(file->sync(SyncKind::data));
  REQUIRE(syncs.back().is_ready());
  const IoStatus refused = co_await std::move(syncs.back());
  CHECK(refused.error() == IoError::other);
  syncs.pop_back();
  CHECK(syncs.size() >= 4);
  for (Future<IoStatus>& sync : syncs) {
    const IoStatus done = co_await std::move(sync);
    CHECK(done);
  }
}

}  // namespace

TEST_CASE("what was written is read back, in small and large pieces") { with_each_engine(write_and_read); }

TEST_CASE("a read past the end is short, and empty beyond it") { with_each_engine(read_past_the_end); }

TEST_CASE("what the page cache let go is read from the disk") { with_each_engine(read_uncached); }

TEST_CASE("a full disk is no space, not doubt") { with_each_engine(run_out_of_space); }

TEST_CASE("a write that fits in part says no space and leaves the part") { with_each_engine(fit_in_part); }

TEST_CASE("wrong paths and modes are told apart") { with_each_engine(refuse_what_is_wrong); }

TEST_CASE("folders are made, listed in order, renamed and removed") { with_each_engine(keep_house); }

TEST_CASE("calls on one path happen in the order in which they were made") { with_each_engine(ask_without_waiting); }

TEST_CASE("an operation goes on when its future and its file are gone") {
  for (const FileEngineKind kind : {FileEngineKind::automatic, FileEngineKind::thread}) {
    LinuxOptions options;
    options.file_engine = kind;
    const TemporaryFolder folder;
    {
      const auto reactor = make_reactor(options);
      TaskGroup tasks(reactor->ready());
      tasks.spawn(forget_a_write(*reactor, folder));
      finish(*reactor, tasks);
    }
    CHECK((content_of(folder / "f") == as_text(pattern(2'000'000, 5).view())));
  }
}

TEST_CASE("too many file operations are refused and counted") {
  for (const FileEngineKind kind : {FileEngineKind::automatic, FileEngineKind::thread}) {
    LinuxOptions options;
    options.file_engine = kind;
    options.file_queue_limit = 4;
    const auto reactor = make_reactor(options);
    const TemporaryFolder folder;
    TaskGroup tasks(reactor->ready());
    tasks.spawn(refuse_too_many(*reactor, folder));
    finish(*reactor, tasks);
  }
}

}  // namespace highwater::io
