#include "machines/quota/sampled_rate.h"

#include <algorithm>
#include <cmath>

namespace highwater::quota {
namespace {

constexpr Duration window = SampledRate::sample_span * static_cast<std::int64_t>(SampledRate::samples);
constexpr std::int64_t full_samples_min = SampledRate::samples - 1;

}  // namespace

void SampledRate::record(double amount, Instant now) {
  if (used_ == 0) {
    samples_[0] = {now, now, 0};
    used_ = 1;
  }
  if (now - samples_[current_].begun >= sample_span) {
    current_ = (current_ + 1) % places;
    used_ = std::max(used_, current_ + 1);
    samples_[current_] = {now, now, 0};
  }
  samples_[current_].sum += amount;
  samples_[current_].last = now;
}

double SampledRate::per_second(Instant now) {
  forget_old(now);
  double sum = 0;
  for (std::size_t i = 0; i < used_; ++i) sum += samples_[i].sum;
  return sum * 1e9 / static_cast<double>(span(now).nanoseconds);
}

Duration SampledRate::above(double bound, Instant now) {
  const double rate = per_second(now);
  if (rate <= bound) return {};
  if (bound <= 0) return window;
  const double ms = (rate - bound) / bound * static_cast<double>(span(now).ms());
  return ms >= static_cast<double>(window.ms()) ? window : Duration::from_ms(std::llround(ms));
}

Instant SampledRate::last_event() const { return samples_[current_].last; }

void SampledRate::forget_old(Instant now) {
  for (std::size_t i = 0; i < used_; ++i)
    if (now - samples_[i].last >= window) samples_[i] = {now, now, 0};
}

Duration SampledRate::span(Instant now) const {
  Instant oldest = now;
  for (std::size_t i = 0; i < used_; ++i) oldest = std::min(oldest, samples_[i].begun);
  Duration elapsed = now - oldest;
  const std::int64_t full = elapsed.nanoseconds / sample_span.nanoseconds;
  if (full < full_samples_min) elapsed = elapsed + sample_span * (full_samples_min - full);
  return std::max(elapsed, Duration::from_ms(1));
}

}  // namespace highwater::quota
