#include "server/network/connection_owner.h"

#include <utility>

namespace highwater::server {

ConnectionOwner::ConnectionOwner(engine::Cores& cores, std::vector<quota::Protection> listeners)
    : cores_(cores),
      protection_(std::move(listeners)),
      quotas_(protection_, cores.count()),
      makers_(cores.count(), nullptr),
      wakes_(cores.reactor(0).ready()) {}

void ConnectionOwner::set_limits(quota::ConnectionLimits limits) {
  quotas_.on_limits(std::move(limits), now());
  settle();
}

io::Future<Admission> ConnectionOwner::arrive(engine::CoreIndex core, std::uint32_t listener, std::string address) {
  return cores_.call<Admission>(
      core, 0, [this, core, listener, address = std::move(address)](engine::Reply<Admission> reply) mutable {
        const std::uint64_t ticket = next_ticket_++;
        asked_.emplace(ticket, std::move(reply));
        quotas_.on_arrival({ticket, core, listener, std::move(address)}, now());
        settle();
      });
}

void ConnectionOwner::depart(engine::CoreIndex core, std::uint32_t listener, std::string address) {
  on_home(core, [this, core, listener, address = std::move(address)]() mutable {
    quotas_.on_departure({core, listener, std::move(address)}, now());
    settle();
  });
}

void ConnectionOwner::move(engine::CoreIndex from, engine::CoreIndex to, std::uint32_t listener) {
  on_home(from, [this, from, to, listener] { quotas_.on_move(from, to, listener); });
}

void ConnectionOwner::closed(engine::CoreIndex core) {
  on_home(core, [this] {
    quotas_.on_closed(now());
    settle();
  });
}

template <class Work>
void ConnectionOwner::on_home(engine::CoreIndex core, Work work) {
  if (core == 0) return work();
  cores_.post(0, std::move(work));
}

void ConnectionOwner::settle() {
  const quota::ConnectionQuotas::Output output = quotas_.take_output();
  for (const quota::Decision& decision : output.decisions) {
    const auto asked = asked_.find(decision.ticket);
    engine::Reply<Admission> reply = std::move(asked->second);
    asked_.erase(asked);
    reply.complete({decision.verdict, decision.limit, decision.hold});
  }
  for (const quota::CloseOrder& one : output.close) order(one);
  wake_for_deadline();
}

// In a later turn even on core 0: connections that were just admitted must have been taken in.
void ConnectionOwner::order(const quota::CloseOrder& order) {
  cores_.post(order.core, [this, core = order.core, count = order.count] {
    if (makers_[core] != nullptr) return makers_[core]->make_room(*this, count);
    closed(core);
  });
}

void ConnectionOwner::wake_for_deadline() {
  const Instant next = quotas_.next_deadline();
  if (next >= waking_) return;
  waking_ = next;
  wakes_.spawn(wake_at(next));
}

io::Task<void> ConnectionOwner::wake_at(Instant deadline) {
  co_await cores_.reactor(0).sleep_until(deadline);
  if (waking_ == deadline) waking_ = Instant::never();
  quotas_.tick(now());
  settle();
}

}  // namespace highwater::server
