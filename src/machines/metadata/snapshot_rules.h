// When a snapshot of the metadata is due, and which old ones may go with the log before them. Pure; the driver counts,
// writes and deletes. Kafka: SnapshotGenerator and KafkaRaftLog.maybeClean.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "foundation/base/time.h"

namespace highwater::metadata {

struct SnapshotLimits {
  std::int64_t max_new_bytes = 20 << 20;                 // metadata.log.max.record.bytes.between.snapshots
  Duration max_interval = Duration::from_ms(3'600'000);  // metadata.log.max.snapshot.interval.ms; 0: never by time
  std::int64_t retention_bytes = 100 << 20;              // metadata.max.retention.bytes; negative: without end
  std::int64_t retention_ms = 604'800'000;               // metadata.max.retention.ms; negative: without end
};

// Counts what the newest snapshot does not cover.
class SnapshotSchedule {
 public:
  SnapshotSchedule(const SnapshotLimits& limits, Instant now) : limits_(limits), since_(now) {}

  // Committed bytes of the log.
  void add(std::uint64_t bytes) { new_bytes_ += bytes; }
  // Why one is due now, in Kafka's words; asked only when something was committed.
  std::optional<std::string> due(Instant now) const;
  // One is being written of everything so far.
  void begin(Instant now);
  // It came to nothing: asked again after a minute.
  void postpone(Instant now);

 private:
  SnapshotLimits limits_;
  Instant since_;
  std::optional<Instant> not_before_;
  std::uint64_t new_bytes_ = 0;
  std::uint64_t begun_bytes_ = 0;
};

struct SnapshotFacts {
  std::uint64_t size_bytes = 0;
  std::optional<std::int64_t> last_contained_ms;  // of its header; nothing when it cannot be read
};

// Why the oldest snapshot and the log before the second one may go, in Kafka's words; nothing when they must stay.
// `snapshots` ascending. Ask again after each deletion: one step per answer.
std::optional<std::string> why_delete_oldest(std::span<const SnapshotFacts> snapshots, std::uint64_t log_bytes,
                                             const SnapshotLimits& limits, WallTime now);

}  // namespace highwater::metadata
