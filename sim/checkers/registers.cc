#include "checkers/registers.h"

#include <fmt/core.h>

#include <algorithm>

namespace highwater::sim {

Registers::Register& Registers::at(const std::string& key) {
  const auto [found, fresh] = registers_.try_emplace(key);
  if (fresh) {
    found->second.writes.push_back({.value = absent, .begun = {}, .applied = {}});
  }
  return found->second;
}

Registers::Ticket Registers::begin_write(const std::string& key, std::optional<std::string> value, Instant now) {
  Register& owner = at(key);
  owner.writes.push_back({.value = std::move(value), .begun = now});
  return {key, owner.writes.size() - 1};
}

std::optional<std::string> Registers::end_write(const Ticket& ticket, client::Certainty certainty, Instant now) {
  Write& write = at(ticket.key).writes[ticket.write];
  switch (certainty) {
    case client::Certainty::written:
      ++acknowledged_;
      write.applied = std::min(write.applied, now);
      break;
    case client::Certainty::not_written:
      write.refused = true;
      if (write.seen) {
        return fmt::format("{}: {} was seen and is refused", ticket.key, *write.value);
      }
      break;
    case client::Certainty::unknown:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> Registers::end_write(const Ticket& ticket, const std::string& told, Instant now) {
  Write& write = at(ticket.key).writes[ticket.write];
  if (write.value.has_value() && *write.value != told) {
    return fmt::format("{}: read as {} before its write was answered with {}", ticket.key, *write.value, told);
  }
  const bool fresh = !write.value.has_value();
  write.value = told;
  const auto wrong = end_write(ticket, client::Certainty::written, now);
  if (wrong.has_value() || !fresh) return wrong;
  const auto [owner, first] = owner_of_value_.emplace(told, ticket.key);
  if (first) return std::nullopt;
  return fmt::format("{}: {} was given before, to {}", ticket.key, told, owner->second);
}

// Could this write's value be the present one at some moment after `begin`? Not when it is known to have been replaced
// before, by a read or by a write that began after it was in effect and was itself in effect before `begin`.
bool Registers::possible(const Register& owner, const Write& write, Instant begin) const {
  if (write.refused || write.gone < begin) return false;
  return std::none_of(owner.writes.begin(), owner.writes.end(), [&](const Write& other) {
    return &other != &write && other.applied < begin && other.begun > write.applied;
  });
}

Registers::Write* Registers::explain(const std::string& key, const std::string& value, Instant begin) {
  Register& owner = at(key);
  // The newest one that may be it: a value that nothing tells apart (absent) is then bound as little as possible.
  for (auto write = owner.writes.rbegin(); write != owner.writes.rend(); ++write) {
    if (write->value == value && possible(owner, *write, begin)) return &*write;
  }
  if (value == absent || owner_of_value_.contains(value)) return nullptr;
  for (auto write = owner.writes.rbegin(); write != owner.writes.rend(); ++write) {
    if (write->value.has_value() || !possible(owner, *write, begin)) continue;
    write->value = value;
    owner_of_value_.emplace(value, key);
    return &*write;
  }
  return nullptr;
}

// What was in effect before this read began, and is not what it saw, has been replaced. Absences cannot be told apart:
// one does not replace another.
void Registers::displace(Register& owner, const Write& by, Instant begin, Instant now) {
  for (Write& other : owner.writes) {
    if (&other == &by || (other.value == absent && by.value == absent)) continue;
    if (other.applied < begin) other.gone = std::min(other.gone, now);
  }
}

std::optional<std::string> Registers::read(const std::string& key, const std::string& value, Instant begin,
                                           Instant now) {
  ++reads_;
  Register& owner = at(key);
  Write* const write = explain(key, value, begin);
  if (write == nullptr) {
    std::string known;
    for (std::size_t i = owner.writes.size() > 6 ? owner.writes.size() - 6 : 0; i < owner.writes.size(); ++i) {
      const Write& each = owner.writes[i];
      const char* state = each.refused ? "refused" : each.applied != Instant::never() ? "acknowledged" : "in doubt";
      known += fmt::format(" {}({}{})", each.value.value_or("?"), state, each.gone < begin ? ", gone" : "");
    }
    return fmt::format("{} is {}, but was last{}", key, value, known);
  }
  if (value != absent) {
    write->applied = std::min(write->applied, now);
    write->seen = true;
  }
  displace(owner, *write, begin, now);
  return std::nullopt;
}

}  // namespace highwater::sim
