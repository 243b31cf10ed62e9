#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/linux/linux_reactor.h"
#include "io/linux/test_support.h"

namespace highwater::io {
namespace {

Task<void> open_into(Reactor& reactor, std::string path, std::unique_ptr<File>& file) {
  IoResult<std::unique_ptr<File>> opened = co_await reactor.files().open(std::move(path), OpenMode::create);
  REQUIRE(opened);
  file = std::move(*opened);
}

std::unique_ptr<File> open_now(LinuxReactor& reactor, const std::string& path) {
  TaskGroup tasks(reactor.ready());
  std::unique_ptr<File> file;
  tasks.spawn(open_into(reactor, path, file));
  finish(reactor, tasks);
  return file;
}

// What Java's FileChannel.tryLock does.
bool lock_as_java(const char* path) {
  const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  struct flock range{};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return ::fcntl(fd, F_SETLK, &range) == 0;
}

// Another process that takes the lock, says whether it could, and holds it until it is told to end.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    REQUIRE(::pipe2(answer_, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(end_, O_CLOEXEC) == 0);
    child_ = ::fork();
    if (child_ == 0) {
      const char got = lock_as_java(path.c_str()) ? 'y' : 'n';
      char ignored = 0;
      ::close(end_[1]);
      const bool told = ::write(answer_[1], &got, 1) == 1;
      const bool ended = ::read(end_[0], &ignored, 1) == 0;
      ::_exit(told && ended ? 0 : 1);
    }
    char got = 0;
    REQUIRE(::read(answer_[0], &got, 1) == 1);
    locked_ = got == 'y';
  }
  ~Holder() {
    for (const int fd : {answer_[0], answer_[1], end_[0], end_[1]}) ::close(fd);
    ::waitpid(child_, nullptr, 0);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  bool locked() const { return locked_; }

 private:
  int answer_[2] = {};
  int end_[2] = {};
  pid_t child_ = -1;
  bool locked_ = false;
};

}  // namespace

TEST_CASE("a lock held by another process is told, and can be had when that process ends") {
  const auto reactor = make_reactor();
  const TemporaryFolder folder;
  const std::unique_ptr<File> file = open_now(*reactor, folder / ".lock");
  {
    const Holder other(folder / ".lock");
    REQUIRE(other.locked());
    CHECK(file->try_lock().error() == IoError::locked);
  }
  CHECK(file->try_lock());
}

TEST_CASE("our lock keeps other processes out until the file is gone") {
  const TemporaryFolder folder;
  {
    const auto reactor = make_reactor();
    const std::unique_ptr<File> file = open_now(*reactor, folder / ".lock");
    CHECK(file->try_lock());
    // Reading the file by another descriptor must not drop the lock.
    CHECK(paths::read_file(folder / ".lock", 10));
    CHECK_FALSE(Holder(folder / ".lock").locked());
  }
  CHECK(Holder(folder / ".lock").locked());
}

TEST_CASE("two nodes of one process keep each other out") {
  const auto reactor = make_reactor();
  const TemporaryFolder folder;
  const std::unique_ptr<File> one = open_now(*reactor, folder / ".lock");
  const std::unique_ptr<File> two = open_now(*reactor, folder / ".lock");
  CHECK(one->try_lock());
  CHECK(two->try_lock().error() == IoError::locked);
}

}  // namespace highwater::io
