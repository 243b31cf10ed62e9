#include "machines/quota/connection_quotas.h"

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"
#include "machines/quota/limits.h"

namespace highwater::quota {
namespace {

constexpr ListenerLimits no_limits;

std::int32_t limit_for(const std::string& address, std::int32_t usual, const AddressLimits& special) {
  const auto found = special.find(address);
  return found == special.end() ? usual : found->second;
}

}  // namespace

ConnectionQuotas::ConnectionQuotas(std::vector<Protection> listeners, std::uint32_t cores) : closable_(cores) {
  for (const Protection protection : listeners) {
    Listener& listener = listeners_.emplace_back();
    listener.protection = protection;
  }
}

void ConnectionQuotas::on_limits(ConnectionLimits limits, Instant now) {
  limits_ = std::move(limits);
  decide(now);
  order_closing();
}

void ConnectionQuotas::on_arrival(Arrival arrival, Instant now) {
  HW_CHECK(arrival.listener < listeners_.size() && arrival.core < closable_.size());
  listeners_[arrival.listener].waiting.push_back(std::move(arrival));
  decide(now);
  order_closing();
}

void ConnectionQuotas::on_departure(const Departure& departure, Instant now) {
  Listener& listener = listeners_[departure.listener];
  const auto found = by_address_.find(departure.address);
  HW_CHECK(total_ > 0 && listener.connections > 0 && found != by_address_.end());
  --total_;
  --listener.connections;
  if (listener.protection == Protection::closable) --closable_[departure.core];
  if (--found->second == 0) by_address_.erase(found);
  decide(now);
}

void ConnectionQuotas::on_move(std::uint32_t from, std::uint32_t to, std::uint32_t listener) {
  if (listeners_[listener].protection != Protection::closable) return;
  HW_CHECK(closable_[from] > 0);
  --closable_[from];
  ++closable_[to];
}

void ConnectionQuotas::on_closed(Instant now) {
  closing_ = false;
  decide(now);
  order_closing();
}

void ConnectionQuotas::tick(Instant now) { decide(now); }

Instant ConnectionQuotas::next_deadline() const {
  Instant next = Instant::never();
  for (std::uint32_t i = 0; i < listeners_.size(); ++i)
    if (!listeners_[i].waiting.empty() && has_room(i)) next = std::min(next, listeners_[i].not_before);
  return next;
}

ConnectionQuotas::Output ConnectionQuotas::take_output() { return std::exchange(output_, {}); }

std::size_t ConnectionQuotas::connections_from(std::string_view address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? 0 : found->second;
}

std::size_t ConnectionQuotas::waiting() const {
  std::size_t count = 0;
  for (const Listener& listener : listeners_) count += listener.waiting.size();
  return count;
}

const ListenerLimits& ConnectionQuotas::limits_of(std::uint32_t listener) const {
  return listener < limits_.listeners.size() ? limits_.listeners[listener] : no_limits;
}

bool ConnectionQuotas::has_room(std::uint32_t listener) const {
  if (std::cmp_greater_equal(listeners_[listener].connections, limits_of(listener).connections)) return false;
  if (listeners_[listener].protection == Protection::is_protected) return true;
  return std::cmp_less(total_, limits_.connections);
}

// The next to be decided is counted once, when it becomes the next: whoever stands behind it has not been accepted yet
// in the sense of the rates. However high the rate is, one wait is all it costs.
void ConnectionQuotas::rate_first(std::uint32_t index, Instant now) {
  Listener& listener = listeners_[index];
  if (std::exchange(listener.rated, true)) return;
  Duration hold;
  if (listener.protection == Protection::closable) {
    rate_.record(1, now);
    hold = rate_.above(limits_.new_per_second, now);
  }
  listener.rate.record(1, now);
  hold = std::max(hold, listener.rate.above(limits_of(index).new_per_second, now));
  listener.not_before = now + std::min(hold, hold_back_max);
}

bool ConnectionQuotas::decide_first(std::uint32_t index, Instant now) {
  Listener& listener = listeners_[index];
  if (listener.waiting.empty()) return false;
  rate_first(index, now);
  if (now < listener.not_before || !has_room(index)) return false;
  const Arrival arrival = std::move(listener.waiting.front());
  listener.waiting.pop_front();
  listener.rated = false;
  const Decision decision = decision_on(arrival, now);
  if (decision.verdict == Verdict::admitted) {
    ++total_;
    ++listener.connections;
    if (listener.protection == Protection::closable) ++closable_[arrival.core];
    ++by_address_[arrival.address];
  }
  output_.decisions.push_back(decision);
  return true;
}

Decision ConnectionQuotas::decision_on(const Arrival& arrival, Instant now) {
  Decision decision;
  decision.ticket = arrival.ticket;
  decision.core = arrival.core;
  const std::int32_t rate =
      limit_for(arrival.address, limits_.new_per_second_per_address, limits_.new_per_second_of_address);
  if (rate != unlimited) {
    SampledRate& address = rate_of(arrival.address, now);
    address.record(1, now);
    decision.hold = std::min(address.above(rate, now), hold_back_max);
    if (decision.hold > Duration{}) {
      // What is refused counts in no rate.
      address.record(-1, now);
      Listener& listener = listeners_[arrival.listener];
      listener.rate.record(-1, now);
      if (listener.protection == Protection::closable) rate_.record(-1, now);
      decision.verdict = Verdict::too_fast;
      return decision;
    }
  }
  const std::int32_t most = limit_for(arrival.address, limits_.connections_per_address, limits_.connections_of_address);
  if (std::cmp_greater_equal(connections_from(arrival.address), most)) {
    decision.verdict = Verdict::too_many;
    decision.limit = most;
  }
  return decision;
}

// Places are given in turn, so that a busy listener does not starve another.
void ConnectionQuotas::decide(Instant now) {
  for (std::size_t refused = 0; refused < listeners_.size();) {
    const bool decided = decide_first(static_cast<std::uint32_t>(first_listener_), now);
    first_listener_ = (first_listener_ + 1) % listeners_.size();
    refused = decided ? 0 : refused + 1;
  }
}

void ConnectionQuotas::order_closing() {
  if (closing_ || std::cmp_less_equal(total_, limits_.connections)) return;
  const auto core = std::ranges::max_element(closable_);
  if (core == closable_.end() || *core == 0) return;
  closing_ = true;
  const std::size_t excess = total_ - static_cast<std::size_t>(limits_.connections);
  output_.close.push_back({static_cast<std::uint32_t>(core - closable_.begin()), std::min(excess, *core)});
}

SampledRate& ConnectionQuotas::rate_of(const std::string& address, Instant now) {
  if (rate_by_address_.size() >= rated_addresses_max && !rate_by_address_.contains(address)) {
    const Duration window = SampledRate::sample_span * static_cast<std::int64_t>(SampledRate::samples);
    std::erase_if(rate_by_address_, [&](const auto& entry) { return now - entry.second.last_event() >= window; });
    if (rate_by_address_.size() >= rated_addresses_max) {
      rate_by_address_.erase(
          std::ranges::min_element(rate_by_address_, {}, [](const auto& entry) { return entry.second.last_event(); }));
    }
  }
  return rate_by_address_[address];
}

}  // namespace highwater::quota
