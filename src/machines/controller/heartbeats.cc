#include "machines/controller/heartbeats.h"

#include <algorithm>

#include "foundation/base/check.h"

namespace highwater::controller {

void BrokerHeartbeats::register_broker(NodeId broker, BrokerEpoch epoch, Fencing fencing) {
  State& state = brokers_[broker];
  if (state.epoch != epoch) state = State{epoch, std::nullopt, fencing, no_offset, no_offset};
  state.fencing = fencing;
}

void BrokerHeartbeats::hear(NodeId broker, BrokerEpoch epoch, Instant now) {
  const auto found = brokers_.find(broker);
  if (found != brokers_.end() && found->second.epoch == epoch) found->second.heard = now;
}

bool BrokerHeartbeats::is_over(const State& state, Instant now) const {
  return state.heard.has_value() && *state.heard + session_timeout_ < now;
}

bool BrokerHeartbeats::has_session(NodeId broker, BrokerEpoch epoch, Instant now) const {
  const auto found = brokers_.find(broker);
  return found != brokers_.end() && found->second.epoch == epoch && found->second.heard.has_value() &&
         !is_over(found->second, now);
}

BrokerStanding BrokerHeartbeats::standing(NodeId broker) const {
  const auto found = brokers_.find(broker);
  HW_CHECK(found != brokers_.end());
  if (found->second.leaving_offset != no_offset) return BrokerStanding::leaving;
  return found->second.fencing == Fencing::fenced ? BrokerStanding::fenced : BrokerStanding::active;
}

BrokerStanding BrokerHeartbeats::next_standing(NodeId broker, const Wishes& wishes,
                                               const Circumstances& circumstances) const {
  const BrokerStanding now = standing(broker);
  switch (now) {
    case BrokerStanding::fenced:
      if (wishes.shut_down) return BrokerStanding::gone;
      // A broker that has not seen its own registration could still act on an older epoch's leadership.
      if (!wishes.fence && wishes.metadata_offset >= circumstances.registration_offset) return BrokerStanding::active;
      return BrokerStanding::fenced;
    case BrokerStanding::active:
      if (wishes.fence) return wishes.shut_down ? BrokerStanding::gone : BrokerStanding::fenced;
      if (!wishes.shut_down) return BrokerStanding::active;
      return circumstances.leads_any ? BrokerStanding::leaving : BrokerStanding::gone;
    case BrokerStanding::leaving:
      if (circumstances.leads_any) return BrokerStanding::leaving;
      return brokers_.at(broker).leaving_offset <= lowest_active_offset() ? BrokerStanding::gone
                                                                          : BrokerStanding::leaving;
    case BrokerStanding::gone:
      return BrokerStanding::gone;
  }
  return now;
}

void BrokerHeartbeats::note(NodeId broker, Fencing fencing, Offset metadata_offset) {
  State& state = brokers_.at(broker);
  state.fencing = fencing;
  state.metadata_offset = metadata_offset;
  if (fencing == Fencing::fenced) state.leaving_offset = no_offset;
}

void BrokerHeartbeats::begin_leaving(NodeId broker, Offset offset) {
  State& state = brokers_.at(broker);
  HW_CHECK(state.fencing == Fencing::unfenced);
  if (state.leaving_offset == no_offset) state.leaving_offset = offset;
}

bool BrokerHeartbeats::is_leaving(NodeId broker) const {
  const auto found = brokers_.find(broker);
  return found != brokers_.end() && found->second.leaving_offset != no_offset;
}

Offset BrokerHeartbeats::lowest_active_offset() const {
  Offset lowest = INT64_MAX;
  for (const auto& [id, state] : brokers_) {
    if (state.fencing == Fencing::unfenced && state.leaving_offset == no_offset) {
      lowest = std::min(lowest, state.metadata_offset);
    }
  }
  return lowest;
}

std::optional<BrokerHeartbeats::Expired> BrokerHeartbeats::take_expired(Instant now) {
  for (auto& [id, state] : brokers_) {
    if (!is_over(state, now)) continue;
    state.heard.reset();
    return Expired{id, state.epoch};
  }
  return std::nullopt;
}

Instant BrokerHeartbeats::next_deadline() const {
  Instant earliest = Instant::never();
  for (const auto& [id, state] : brokers_) {
    if (state.heard.has_value()) earliest = std::min(earliest, *state.heard + session_timeout_);
  }
  return earliest;
}

}  // namespace highwater::controller
