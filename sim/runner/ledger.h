// sim/ledger.txt: one line per run of many seeds, so that what was ever simulated can be added up.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/base/result.h"

namespace highwater::sim {

struct LedgerLine {
  std::string commit;
  std::string scenarios;
  std::uint64_t seeds = 0;
  std::uint64_t void_seeds = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t simulated_ms = 0;
  std::uint64_t wall_ms = 0;
  std::uint64_t twice = 0;     // seeds that ran a second time with an equal hash
  std::uint64_t twice_in = 0;  // of so many seeds one was to run twice
  std::uint64_t violations = 0;
};

std::string ledger_text(const LedgerLine& line);
Result<void> append_to_ledger(const std::string& path, const LedgerLine& line);

}  // namespace highwater::sim
