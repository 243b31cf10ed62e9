// Holds one of our messages against a golden line: our bytes, our size, our reading of Apache's bytes, the refusal of
// every truncation, and calm under flipped bits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/golden/subject.h"

namespace highwater::golden {

// What did not hold, as clauses; empty when all did.
struct Findings {
  std::vector<std::string> faults;
  std::uint64_t truncations = 0;
  std::uint64_t accepted_flips = 0;
};

Findings check_message(const Entry& entry, const Line& line);

}  // namespace highwater::golden
