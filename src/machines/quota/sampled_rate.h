// Events per second over a window that moves in steps: 11 samples of one second, as Kafka's quotas measure by default
// (quota.window.num, quota.window.size.seconds). The same arithmetic as Kafka's Rate over a WindowedSum: the span that
// the sum is divided by is at least ten full samples, so that a rate does not leap when it begins.
#pragma once

#include <array>
#include <cstddef>

#include "foundation/base/time.h"

namespace highwater::quota {

class SampledRate {
 public:
  static constexpr std::size_t samples = 11;
  static constexpr Duration sample_span = Duration::from_seconds(1);

  // A negative amount takes back what was recorded.
  void record(double amount, Instant now);
  double per_second(Instant now);
  // How long nothing may happen until the rate is back at `bound`; 0 when it is not above.
  Duration above(double bound, Instant now);
  Instant last_event() const;

 private:
  struct Sample {
    Instant begun;
    Instant last;
    double sum = 0;
  };
  // One more than there are samples: the oldest one overlaps the window's edge.
  static constexpr std::size_t places = samples + 1;

  void forget_old(Instant now);
  Duration span(Instant now) const;

  std::array<Sample, places> samples_;
  std::size_t used_ = 0;
  std::size_t current_ = 0;
};

}  // namespace highwater::quota
