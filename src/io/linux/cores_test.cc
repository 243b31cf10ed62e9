#include "io/linux/cores.h"

#include <doctest/doctest.h>

#include <thread>

#include "io/linux/test_support.h"

namespace highwater::io {

TEST_CASE("each core runs what it is called for on a thread of its own") {
  const auto cores = std::move(*Cores::start(3, {}));
  std::vector<std::thread::id> threads(3);
  for (std::size_t core = 0; core < 3; ++core) {
    cores->call(core, [&threads, core] { threads[core] = std::this_thread::get_id(); });
  }
  CHECK(threads[0] == std::this_thread::get_id());
  CHECK(threads[1] != threads[0]);
  CHECK(threads[2] != threads[0]);
  CHECK(threads[2] != threads[1]);
}

TEST_CASE("cores send each other work and core 0 stops the run") {
  const auto cores = std::move(*Cores::start(2, {}));
  int rounds = 0;
  cores->reactor(1).post([&] {
    cores->reactor(0).post([&] {
      ++rounds;
      cores->reactor(1).post([&] { cores->stop(); });
    });
  });
  cores->run();
  CHECK(rounds == 1);
}

TEST_CASE("the cores of one node share a port and another node does not get it") {
  const auto cores = std::move(*Cores::start(2, {}));
  auto first = cores->reactor(0).network().listen({"127.0.0.1", 0}, {4});
  REQUIRE(first);
  std::unique_ptr<Listener> second;
  cores->call(1, [&] { second = std::move(*cores->reactor(1).network().listen((*first)->local(), {4})); });
  CHECK(second->local() == (*first)->local());
  const auto other = std::move(*Cores::start(2, {}));
  CHECK(other->reactor(0).network().listen((*first)->local(), {4}).error() == IoError::address_in_use);
  cores->call(1, [&] { second.reset(); });
}

}  // namespace highwater::io
