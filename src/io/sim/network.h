// io::Network for one simulated core. Host names are machine names; "localhost" and "127.0.0.1" are the own machine.
#pragma once

#include <deque>
#include <memory>

#include "io/sim/fabric.h"

namespace highwater::io::sim {

class SimNetwork final : public Network {
 public:
  explicit SimNetwork(SimReactor& reactor) : reactor_(&reactor) {}

  IoResult<std::unique_ptr<Listener>> listen(Address address, ListenOptions options) override;
  Future<IoResult<std::unique_ptr<Socket>>> connect(Address address, Duration timeout) override;
  IoStatus adopt(Socket& detached) override;

 private:
  struct Dial;
  static void arrive(std::shared_ptr<Dial> dial);
  static void answer(std::shared_ptr<Dial> dial, IoResult<std::shared_ptr<Connection>> result);

  SimReactor* reactor_;
};

class SimListener final : public Listener {
 public:
  SimListener(SimReactor& reactor, Address local, std::size_t backlog);
  ~SimListener() override;

  Future<IoResult<std::unique_ptr<Socket>>> accept() override;
  Address local() const override { return local_; }
  void close() override;

  SimReactor& reactor() { return *reactor_; }
  bool full() const { return queue_.size() >= backlog_; }
  void offer(std::shared_ptr<Connection> connection);

 private:
  SimReactor* reactor_;
  Address local_;
  std::size_t backlog_;
  bool closed_ = false;
  std::deque<std::unique_ptr<Socket>> queue_;
  Promise<IoResult<std::unique_ptr<Socket>>> acceptor_;
};

}  // namespace highwater::io::sim
