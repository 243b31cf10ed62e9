// Snapshot files of the metadata log, `<end offset>-<epoch>.checkpoint`, and `bootstrap.checkpoint`, which has the same
// form: batches from offset 0, a header first, a footer last. Kafka: RecordsSnapshotWriter, BootstrapDirectory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/quorum/metadata_batches.h"
#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "foundation/base/slice.h"
#include "machines/metadata/snapshot.h"

namespace highwater::engine {

// Largest snapshot that is read whole.
inline constexpr std::size_t snapshot_bytes_max = std::size_t{1} << 30;

struct SnapshotId {
  Offset end_offset = 0;
  Epoch epoch = 0;

  auto operator<=>(const SnapshotId&) const = default;
};
inline constexpr SnapshotId bootstrap_snapshot{0, 0};

std::string snapshot_file_name(const SnapshotId& id);
std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name);
// A snapshot that was not finished, or that waits for its removal.
bool is_snapshot_leftover(std::string_view name);

struct SnapshotContent {
  std::int64_t last_contained_ms = 0;
  std::optional<SnapshotVoters> voters;
  metadata::Records records;
};

// `now_ms` stamps the batches.
Slice print_snapshot(const SnapshotId& id, const SnapshotContent& content, std::int64_t now_ms);
// The records borrow `bytes`. The failure says what is wrong, without naming the file.
Result<SnapshotContent> parse_snapshot(ByteView bytes);
// The time of the last record that the snapshot contains, from its beginning alone; nothing when that is not one.
std::optional<std::int64_t> snapshot_time(ByteView beginning);

// A snapshot of an image, piece by piece. Batches hold few records, so that each stays far below the 8 MiB that Kafka
// reads at once.
class SnapshotEncoder {
 public:
  SnapshotEncoder(SnapshotId id, metadata::ImageHandle image, std::optional<SnapshotVoters> voters,
                  std::int64_t now_ms);

  // The next whole batches, about `size` bytes. Empty: that was all.
  BatchBytes next(std::size_t size);

 private:
  enum class Stage : std::uint8_t { header, records, done };
  BatchBytes next_batch();

  BatchPlace place_;
  std::int64_t last_contained_ms_;
  std::optional<SnapshotVoters> voters_;
  metadata::ImageReader reader_;
  Stage stage_ = Stage::header;
};

}  // namespace highwater::engine
