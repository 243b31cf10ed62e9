// A non-blocking TCP connection under edge-triggered epoll. What the kernel last said is remembered, so a wait that is
// already over costs nothing, and a read that came back short is not tried again before the next event.
#pragma once

#include <cstdint>
#include <memory>

#include "io/linux/addresses.h"
#include "io/linux/descriptor.h"
#include "io/linux/poller.h"
#include "io/ready.h"
#include "io/socket.h"

namespace highwater::io {

class LinuxSocket final : public Socket, private EventTarget {
 public:
  // Takes a connected socket; TCP_NODELAY is set here. Null with errno set when epoll refuses it.
  static std::unique_ptr<LinuxSocket> adopt(Descriptor fd, Poller& poller, ReadyQueue& queue);

  Future<IoStatus> readable() override;
  IoResult<std::optional<std::size_t>> try_read(MutableBytes buffer) override;
  Future<IoStatus> writable() override;
  IoResult<std::size_t> try_write(std::span<const ByteView> pieces) override;
  IoResult<std::size_t> try_send(std::span<const ByteView> head, const FilePart& part) override;
  void shutdown_write() override;
  void close() override;
  Address peer() const override { return peer_; }
  Address local() const override { return local_; }
  void detach() override;
  // Goes on with a detached one.
  IoStatus attach(Poller& poller, ReadyQueue& queue);

 private:
  explicit LinuxSocket(Descriptor fd);
  void on_events(std::uint32_t events) override;
  Future<IoStatus> wait(Promise<IoStatus>& waiting);
  IoResult<std::size_t> write(std::span<const ByteView> pieces, int flags);
  // What a sending call said: a count, or -1 and errno.
  IoResult<std::size_t> sent(std::int64_t result, std::size_t wanted);

  Descriptor fd_;
  Poller* poller_ = nullptr;
  ReadyQueue* queue_ = nullptr;
  bool may_read_ = true;
  bool may_write_ = true;
  bool hung_up_ = false;  // the peer's end was seen: the edge will not come again, so reading is always due
  Promise<IoStatus> reader_;
  Promise<IoStatus> writer_;
  Address peer_;
  Address local_;
};

}  // namespace highwater::io
