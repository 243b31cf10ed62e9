// At most one line per second and peer about what a peer did wrong; what is held back is counted and told with the
// next line. Bounded: logged_peers_max peers are remembered, the one that was longest silent is forgotten first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/log.h"
#include "foundation/base/time.h"

namespace highwater::server {

class RefusalLog {
 public:
  explicit RefusalLog(Logger logger) : logger_(std::move(logger)) {}

  // `text` is ours and safe to print; `host` is the address of the peer without its port.
  void note(std::string_view host, std::string_view text, Instant now);

 private:
  struct Peer {
    std::string host;
    Instant last;
    std::uint64_t held_back = 0;
  };

  Logger logger_;
  std::vector<Peer> peers_;
};

}  // namespace highwater::server
