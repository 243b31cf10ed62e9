// A seeded stream of numbers (splitmix64). One stream per purpose, so that drawing more for one does not shift another.
#pragma once

#include <cstdint>

namespace highwater {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // A value in [0, bound); bound must not be 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  // A value in [low, high], both included.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  // True in `parts` of a million draws.
  constexpr bool chance_ppm(std::uint64_t parts) { return below(1'000'000) < parts; }
  // A new stream that depends on this one's seed and the name's number only.
  constexpr Random split(std::uint64_t purpose) const {
    return Random(Random(state_ ^ purpose * 0xD1B54A32D192ED03ull).next());
  }

 private:
  std::uint64_t state_;
};

}  // namespace highwater
