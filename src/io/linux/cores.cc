#include "io/linux/cores.h"

#include <pthread.h>

#include <csignal>
#include <latch>

#include "foundation/base/check.h"

namespace highwater::io {

namespace {

void* run_core(void* reactor) {
  pthread_setname_np(pthread_self(), "hw-core");
  static_cast<LinuxReactor*>(reactor)->run();
  return nullptr;
}

pthread_t start_thread(LinuxReactor& reactor) {
  // Signals belong to the thread of core 0.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  HW_CHECK(pthread_create(&thread, nullptr, run_core, &reactor) == 0);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Cores::Cores() = default;

Result<std::unique_ptr<Cores>> Cores::start(std::size_t count, const LinuxOptions& options) {
  HW_CHECK(count >= 1 && count <= 64);
  std::unique_ptr<Cores> cores(new Cores());
  for (std::size_t i = 0; i < count; ++i) {
    LinuxOptions own = options;
    own.port_sharing = count == 1 ? PortSharing::alone : i == 0 ? PortSharing::first : PortSharing::further;
    if (own.seed != 0) own.seed += i;
    Result<std::unique_ptr<LinuxReactor>> reactor = make_linux_reactor(own);
    if (!reactor) return std::unexpected(reactor.error());
    cores->cores_.push_back({std::move(*reactor)});
    if (i > 0) cores->cores_.back().thread = start_thread(cores->reactor(i));
  }
  return cores;
}

Cores::~Cores() {
  while (!cores_.empty()) {
    Core& last = cores_.back();
    if (last.thread != 0) {
      last.reactor->stop();
      pthread_join(last.thread, nullptr);
    }
    cores_.pop_back();
  }
}

void Cores::call(std::size_t core, std::move_only_function<void()> work) {
  if (core == 0) return work();
  std::latch done(1);
  reactor(core).post([&work, &done] {
    work();
    done.count_down();
  });
  done.wait();
}

}  // namespace highwater::io
