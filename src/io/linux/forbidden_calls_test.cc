// Containers forbid io_uring, and older profiles answer EPERM to every call that they do not know. A child process
// with such a filter must work all the same.
#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "io/linux/linux_reactor.h"
#include "io/linux/test_support.h"

namespace highwater::io {
namespace {

bool forbid_new_calls() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
  };
  const sock_fprog program{sizeof rules / sizeof rules[0], rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

Task<void> use_files(Reactor& reactor, std::string path, bool& right) {
  IoResult<std::unique_ptr<File>> file = co_await reactor.files().open(path, OpenMode::create);
  if (!file) co_return;
  std::vector<Slice> slices(1, Slice::allocate(1'000'000));
  const IoStatus written = co_await (*file)->write(0, std::move(slices));
  const IoStatus synced = co_await (*file)->sync(SyncKind::data);
  Future<Done> pause = reactor.sleep_until(reactor.now() + Duration::from_us(1'500));
  co_await std::move(pause);
  right = written && synced;
}

// 0 when all is well, else the number of what was not.
int live_under_the_filter(const TemporaryFolder& folder) {
  if (!forbid_new_calls()) return 1;
  LinuxOptions options;
  options.file_engine = FileEngineKind::io_uring;
  if (make_linux_reactor(options)) return 2;
  const auto reactor = make_linux_reactor({});
  if (!reactor || (*reactor)->file_engine() != FileEngineKind::thread) return 3;
  bool right = false;
  TaskGroup tasks((*reactor)->ready());
  tasks.spawn(use_files(**reactor, folder / "f", right));
  if (!(*reactor)->run_until([&tasks] { return tasks.size() == 0; }, patience)) return 4;
  return right ? 0 : 5;
}

}  // namespace

TEST_CASE("where io_uring is forbidden the file thread does it all, and timers still fire") {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(live_under_the_filter(folder));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace highwater::io
