// Listening and dialling. Names are resolved on their own thread: a slow name server must delay neither the loop nor
// the file thread.
#pragma once

#include <memory>

#include "io/linux/addresses.h"
#include "io/linux/background.h"
#include "io/linux/linux_reactor.h"
#include "io/linux/poller.h"
#include "io/socket.h"
#include "io/task.h"

namespace highwater::io {

class LinuxNetwork final : public Network {
 public:
  LinuxNetwork(Reactor& reactor, Poller& poller, Inbox& inbox, PortSharing sharing);

  // A host that is a name is looked up on the spot: listeners are opened before anything is served.
  IoResult<std::unique_ptr<Listener>> listen(Address address, ListenOptions options) override;
  Future<IoResult<std::unique_ptr<Socket>>> connect(Address address, Duration timeout) override;
  IoStatus adopt(Socket& detached) override;

 private:
  using Connected = IoResult<std::unique_ptr<Socket>>;
  using Candidates = std::vector<SocketAddress>;
  Task<void> dial(Address address, Duration timeout, Promise<Connected> promise);
  Task<Candidates> look_up(Address address, Instant deadline);
  Task<Connected> dial_one(SocketAddress address, Instant deadline);

  Reactor* reactor_;
  Poller* poller_;
  PortSharing sharing_;
  Background resolver_;
  TaskGroup dialling_;
};

}  // namespace highwater::io
