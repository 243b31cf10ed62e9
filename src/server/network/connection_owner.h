// The one owner of the node's connection counts (rule S1): every core asks it before it serves a connection and tells
// it when one is gone. Lives on core 0; the others reach it through mailboxes, one message per coming and going, none
// per request. One for the listeners of brokers and one for those of controllers. What it decides is
// machines/quota/connection_quotas.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/routing/cores.h"
#include "io/task.h"
#include "machines/quota/connection_quotas.h"

namespace highwater::server {

class ConnectionOwner;

struct Admission {
  quota::Verdict verdict = quota::Verdict::admitted;
  std::int32_t limit = 0;  // of too_many
  Duration hold;           // of too_fast
};

// What closes connections on one core: its Server.
class RoomMaker {
 public:
  // Closes up to `count` connections of the owner's closable listeners, the longest unused first, and says
  // owner.closed() when they are gone.
  virtual void make_room(ConnectionOwner& owner, std::size_t count) = 0;

 protected:
  ~RoomMaker() = default;
};

class ConnectionOwner {
 public:
  // `listeners` by number. Made on core 0; outlives every Server and every message of theirs.
  ConnectionOwner(engine::Cores& cores, std::vector<quota::Protection> listeners);

  // Core 0 only.
  void set_limits(quota::ConnectionLimits limits);
  const quota::ConnectionQuotas& quotas() const { return quotas_; }

  // Any core, `core` being the calling one.
  bool closable(std::uint32_t listener) const { return protection_[listener] == quota::Protection::closable; }
  void attach(engine::CoreIndex core, RoomMaker* maker) { makers_[core] = maker; }  // null to leave
  // Ready when the connection may be served or must not be.
  io::Future<Admission> arrive(engine::CoreIndex core, std::uint32_t listener, std::string address);
  void depart(engine::CoreIndex core, std::uint32_t listener, std::string address);
  // Said by the core that it leaves, before it is on its way.
  void move(engine::CoreIndex from, engine::CoreIndex to, std::uint32_t listener);
  void closed(engine::CoreIndex core);

 private:
  template <class Work>
  void on_home(engine::CoreIndex core, Work work);
  void settle();
  void order(const quota::CloseOrder& order);
  void wake_for_deadline();
  io::Task<void> wake_at(Instant deadline);
  Instant now() { return cores_.reactor(0).now(); }

  engine::Cores& cores_;
  const std::vector<quota::Protection> protection_;
  quota::ConnectionQuotas quotas_;
  std::vector<RoomMaker*> makers_;  // by core, each touched on its own core
  std::map<std::uint64_t, engine::Reply<Admission>> asked_;
  std::uint64_t next_ticket_ = 0;
  Instant waking_ = Instant::never();
  io::TaskGroup wakes_;  // last: its frames go first
};

}  // namespace highwater::server
