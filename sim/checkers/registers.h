// Linearizable registers: what administrators wrote into a cluster's metadata and what they read there. A key is one
// thing that has one value at a time (a topic's id, a setting, a quota); every written value but `absent` is unique to
// its write. A write is certain, refused, or in doubt: then it may take effect at any later time, or never. A read is
// wrong when no order of the operations explains its value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/errors.h"
#include "foundation/base/time.h"

namespace highwater::sim {

class Registers {
 public:
  static constexpr const char* absent = "-";

  struct Ticket {
    std::string key;
    std::size_t write = 0;
  };
  // Nothing for the value: only the answer, or a later read, will tell it (a new topic's id).
  Ticket begin_write(const std::string& key, std::optional<std::string> value, Instant now);
  // A sentence when the answer itself is impossible.
  std::optional<std::string> end_write(const Ticket& ticket, client::Certainty certainty, Instant now);
  // The same for a write whose answer tells the value.
  std::optional<std::string> end_write(const Ticket& ticket, const std::string& told, Instant now);

  // The value was seen by a read that was asked for at `begin` and answered at `now`; a sentence when it cannot be.
  std::optional<std::string> read(const std::string& key, const std::string& value, Instant begin, Instant now);

  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t reads() const { return reads_; }

 private:
  struct Write {
    std::optional<std::string> value;
    Instant begun;
    Instant applied = Instant::never();  // it was in effect at this time at the latest
    Instant gone = Instant::never();     // another value took its place at this time at the latest
    bool refused = false;
    bool seen = false;
  };
  struct Register {
    std::vector<Write> writes;  // the first one is the absence at the beginning
  };
  Register& at(const std::string& key);
  bool possible(const Register& owner, const Write& write, Instant begin) const;
  Write* explain(const std::string& key, const std::string& value, Instant begin);
  void displace(Register& owner, const Write& by, Instant begin, Instant now);

  std::map<std::string, Register> registers_;
  std::map<std::string, std::string> owner_of_value_;  // of values that brokers choose: whose they are, for ever
  std::uint64_t acknowledged_ = 0;
  std::uint64_t reads_ = 0;
};

}  // namespace highwater::sim
