#include "machines/metadata/snapshot_rules.h"

#include <fmt/core.h>

namespace highwater::metadata {

namespace {

constexpr Duration pause_after_failure = Duration::from_ms(60'000);
constexpr std::int64_t ms_per_minute = 60'000;

}  // namespace

std::optional<std::string> SnapshotSchedule::due(Instant now) const {
  if (not_before_.has_value() && now < *not_before_) return std::nullopt;
  if (new_bytes_ >= static_cast<std::uint64_t>(limits_.max_new_bytes)) {
    return fmt::format("we have replayed at least {} bytes", limits_.max_new_bytes);
  }
  if (limits_.max_interval.nanoseconds > 0 && now - since_ >= limits_.max_interval) {
    return fmt::format("we have waited at least {} minute(s)", limits_.max_interval.ms() / ms_per_minute);
  }
  return std::nullopt;
}

void SnapshotSchedule::begin(Instant now) {
  since_ = now;
  not_before_.reset();
  begun_bytes_ = new_bytes_;
  new_bytes_ = 0;
}

void SnapshotSchedule::postpone(Instant now) {
  new_bytes_ += begun_bytes_;
  begun_bytes_ = 0;
  not_before_ = now + pause_after_failure;
}

std::optional<std::string> why_delete_oldest(std::span<const SnapshotFacts> snapshots, std::uint64_t log_bytes,
                                             const SnapshotLimits& limits, WallTime now) {
  // The newest one stays, whatever the limits say.
  if (snapshots.size() < 2) return std::nullopt;
  std::uint64_t total = 0;
  for (const SnapshotFacts& snapshot : snapshots) total += snapshot.size_bytes;
  if (limits.retention_bytes >= 0 && log_bytes + total > static_cast<std::uint64_t>(limits.retention_bytes)) {
    return fmt::format("the log size ({}) and snapshots size ({}) is greater than {}", log_bytes, total,
                       limits.retention_bytes);
  }
  const auto& written = snapshots.front().last_contained_ms;
  if (limits.retention_ms >= 0 && written.has_value() && now.ms - *written > limits.retention_ms) {
    return fmt::format("its timestamp ({}) is now ({}) older than the retention ({})", *written, now.ms,
                       limits.retention_ms);
  }
  return std::nullopt;
}

}  // namespace highwater::metadata
