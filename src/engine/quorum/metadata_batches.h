// Batches of the metadata log and of its snapshots: control records (leader change, voters, snapshot header and footer)
// and metadata records. One batch is atomic. Formats: docs/formats/metadata-log.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "machines/metadata/delta.h"
#include "machines/metadata/records.h"
#include "machines/raft/raft.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/control_records.h"

namespace highwater::engine {

// Place and time of a batch that this node writes.
struct BatchPlace {
  Offset base_offset = 0;
  Epoch epoch = 0;
  std::int64_t timestamp_ms = 0;
};

using BatchBytes = std::vector<std::uint8_t>;

BatchBytes encode_records_batch(const BatchPlace& place, std::span<const metadata::MetadataRecord> records);
BatchBytes encode_epoch_start(const BatchPlace& place, const raft::EpochStart& begin);

BatchBytes encode_version_raise(const BatchPlace& place, const raft::VersionRaise& raise);

// Snapshot ends. The header is followed by kraft.version and voters in the same batch when the quorum is dynamic.
struct SnapshotVoters {
  std::int16_t kraft_version = 0;
  raft::Voters voters;
};
BatchBytes encode_snapshot_header(const BatchPlace& place, std::int64_t last_contained_ms,
                                  const std::optional<SnapshotVoters>& voters);
BatchBytes encode_snapshot_footer(const BatchPlace& place);

struct DecodedBatch {
  metadata::BatchEnd end;
  metadata::Records records;  // borrow the batch's bytes
  std::vector<records::ControlType> controls;
  std::optional<std::int16_t> kraft_version;
  std::optional<raft::Voters> voters;
  std::optional<std::int64_t> last_contained_ms;  // of a snapshot's header
};
// The CRC is checked. The failure says what is wrong, without naming the file.
Result<DecodedBatch> decode_metadata_batch(records::BatchView batch);

}  // namespace highwater::engine
