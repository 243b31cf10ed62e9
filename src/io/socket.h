// Byte streams. One reader and one writer coroutine per socket; used only on the reactor that accepted, dialled or
// adopted it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "foundation/base/bytes.h"
#include "foundation/base/file_part.h"
#include "foundation/base/time.h"
#include "io/errors.h"
#include "io/future.h"

namespace highwater::io {

struct Address {
  std::string host;  // a name or a numeric address; "" listens on every interface
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

class Socket {
 public:
  // Closes at once; a pending read or write of a destroyed frame is forgotten.
  virtual ~Socket() = default;

  // Waits until bytes are there (or the end: true with nothing to read, or an error). No buffer is held while waiting.
  virtual Future<IoStatus> readable() = 0;
  // Takes what is there now, up to buffer.size(). 0 is the end of the stream; an empty optional means "nothing yet".
  virtual IoResult<std::optional<std::size_t>> try_read(MutableBytes buffer) = 0;
  virtual Future<IoStatus> writable() = 0;
  // Sends as much of the pieces as the kernel takes now (one writev); 0 means "nothing fits yet".
  virtual IoResult<std::size_t> try_write(std::span<const ByteView> pieces) = 0;
  // Sends the pieces of memory `head` and then `part`, as much as the kernel takes now; 0 means "nothing fits yet".
  virtual IoResult<std::size_t> try_send(std::span<const ByteView> head, const FilePart& part) = 0;
  // Sends FIN after what was written; reading goes on.
  virtual void shutdown_write() = 0;
  // Completes pending waits with IoError::closed and closes.
  virtual void close() = 0;
  virtual Address peer() const = 0;
  virtual Address local() const = 0;
  // Takes it off its reactor, while nobody waits for it. From then on it is good for nothing but Network::adopt() of
  // another reactor, and to be destroyed.
  virtual void detach() = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual Future<IoResult<std::unique_ptr<Socket>>> accept() = 0;
  virtual Address local() const = 0;  // with the real port when 0 was asked for
  virtual void close() = 0;
};

// What accepted sockets inherit. A size of -1 leaves it to the kernel, which lets the buffer grow with the stream.
struct ListenOptions {
  int backlog = 50;  // as in listen(2)
  std::int32_t send_buffer_bytes = -1;
  std::int32_t receive_buffer_bytes = -1;
};

class Network {
 public:
  virtual ~Network() = default;
  // Several reactors may listen on one port of one node (SO_REUSEPORT).
  virtual IoResult<std::unique_ptr<Listener>> listen(Address address, ListenOptions options) = 0;
  virtual Future<IoResult<std::unique_ptr<Socket>>> connect(Address address, Duration timeout) = 0;
  // Goes on here with a socket that was detached from another reactor of this process; what arrived meanwhile is there.
  virtual IoStatus adopt(Socket& detached) = 0;
};

}  // namespace highwater::io
