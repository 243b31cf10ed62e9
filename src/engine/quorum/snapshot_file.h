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

struct SnapshotContent {
  std::int64_t last_contained_ms = 0;
  std::optional<SnapshotVoters> voters;
  metadata::Records records;
};

// `now_ms` stamps the batches.
Slice print_snapshot(const SnapshotId& id, const SnapshotContent& content, std::int64_t now_ms);
// The records borrow `bytes`. The failure says what is wrong, without naming the file.
Result<SnapshotContent> parse_snapshot(ByteView bytes);

}  // namespace highwater::engine
