// What a connection consists of while none of its requests is under way: with this it begins, and with this it goes on
// when it has moved to another core.
#pragma once

#include <memory>

#include "foundation/base/time.h"
#include "io/socket.h"
#include "server/network/frame_buffer.h"
#include "server/network/request_context.h"

namespace highwater::server {

struct ConnectionParts {
  std::unique_ptr<io::Socket> socket;
  Peer peer;
  FrameBuffer frames;  // holds the begin of a request that has not arrived as a whole
  Instant last_active;
  Instant frame_begun = Instant::never();
};

}  // namespace highwater::server
