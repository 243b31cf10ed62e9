#include "server/network/refusal_log.h"

#include <algorithm>

#include "server/network/limits.h"

namespace highwater::server {

void RefusalLog::note(std::string_view host, std::string_view text, Instant now) {
  auto peer = std::ranges::find(peers_, host, &Peer::host);
  if (peer == peers_.end()) {
    if (peers_.size() >= logged_peers_max) peers_.erase(std::ranges::min_element(peers_, {}, &Peer::last));
    peer = peers_.insert(peers_.end(), Peer{std::string(host), now});
  } else if (now - peer->last < Duration::from_seconds(1)) {
    ++peer->held_back;
    return;
  }
  peer->last = now;
  if (peer->held_back > 0) {
    logger_.warn("{}: {} ({} more of this peer not shown)", host, text, std::exchange(peer->held_back, 0));
  } else {
    logger_.warn("{}: {}", host, text);
  }
}

}  // namespace highwater::server
