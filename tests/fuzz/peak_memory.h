// How much memory a piece of code held at most at one time, beyond what was there before. Measured under
// AddressSanitizer only; elsewhere always 0. One at a time.
#pragma once

#include <cstddef>

namespace highwater::fuzz {

class PeakMemory {
 public:
  PeakMemory();
  ~PeakMemory();
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;

  std::size_t bytes() const;
};

}  // namespace highwater::fuzz
