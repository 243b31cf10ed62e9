// A listening TCP socket. Accepting goes on until the kernel has no more; running out of descriptors is told to the
// caller, who waits before trying again.
#pragma once

#include <memory>

#include "io/linux/addresses.h"
#include "io/linux/descriptor.h"
#include "io/linux/linux_reactor.h"
#include "io/linux/poller.h"
#include "io/ready.h"
#include "io/socket.h"

namespace highwater::io {

IoResult<Descriptor> open_listening_socket(const SocketAddress& address, const ListenOptions& options,
                                           PortSharing sharing);

class LinuxListener final : public Listener, private EventTarget {
 public:
  static IoResult<std::unique_ptr<Listener>> adopt(Descriptor fd, Poller& poller, ReadyQueue& queue);

  Future<IoResult<std::unique_ptr<Socket>>> accept() override;
  Address local() const override { return local_; }
  void close() override;

 private:
  using Accepted = IoResult<std::unique_ptr<Socket>>;
  LinuxListener(Descriptor fd, Poller& poller, ReadyQueue& queue);
  void on_events(std::uint32_t events) override;
  std::optional<Accepted> try_accept();

  Descriptor fd_;
  Poller* poller_;
  ReadyQueue* queue_;
  Promise<Accepted> waiting_;
  Address local_;
};

}  // namespace highwater::io
