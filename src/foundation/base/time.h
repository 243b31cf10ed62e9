// Time as values. Instant is monotonic and belongs to one process; WallTime is what Kafka writes into records.
// Nothing here reads a clock: the reactor does, once per loop turn, and hands the value on.
#pragma once

#include <compare>
#include <cstdint>

namespace highwater {

struct Duration {
  std::int64_t nanoseconds = 0;

  static constexpr Duration from_us(std::int64_t us) { return {us * 1'000}; }
  static constexpr Duration from_ms(std::int64_t ms) { return {ms * 1'000'000}; }
  static constexpr Duration from_seconds(std::int64_t s) { return {s * 1'000'000'000}; }
  constexpr std::int64_t ms() const { return nanoseconds / 1'000'000; }
  constexpr std::int64_t us() const { return nanoseconds / 1'000; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return {nanoseconds + other.nanoseconds}; }
  constexpr Duration operator-(Duration other) const { return {nanoseconds - other.nanoseconds}; }
  constexpr Duration operator*(std::int64_t factor) const { return {nanoseconds * factor}; }
};

struct Instant {
  std::int64_t nanoseconds = 0;

  static constexpr Instant never() { return {INT64_MAX}; }
  constexpr auto operator<=>(const Instant&) const = default;
  // Saturates at never(): a deadline that a client put years ahead must not wrap into the past.
  constexpr Instant operator+(Duration d) const {
    return d.nanoseconds > 0 && nanoseconds > INT64_MAX - d.nanoseconds ? never()
                                                                        : Instant{nanoseconds + d.nanoseconds};
  }
  constexpr Duration operator-(Instant other) const { return {nanoseconds - other.nanoseconds}; }
};

// Milliseconds since 1970-01-01 UTC, as in record timestamps.
struct WallTime {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const WallTime&) const = default;
};

}  // namespace highwater
