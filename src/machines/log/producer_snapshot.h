// The content of a `.snapshot` file: version i16 = 1, CRC-32C of all that follows it, count i32, and 46 bytes for each
// producer (ProducerSnapshot.json). Only the last batch of each producer is kept, so after a restart one batch is
// known.
#pragma once

#include <cstdint>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "foundation/base/slice.h"
#include "foundation/base/time.h"
#include "machines/log/producers.h"

namespace highwater::log {

enum class SnapshotError : std::uint8_t { too_short, unknown_version, bad_checksum, bad_count, too_many_producers };

// Entries in order of producer id, so that equal tables give equal bytes.
std::vector<std::uint8_t> encode_snapshot(const ProducerTable& table);

// The same in steps, of the table as it was when this began, while batches come to it. One of a table at a time.
class SnapshotDraft {
 public:
  explicit SnapshotDraft(ProducerTable& table);

  // Adds at most so many producers; false when none is left.
  bool step(ProducerTable& table, std::size_t count_max);
  // Once, after the last step.
  Slice finish();

 private:
  Slice content_;
  std::size_t filled_;
  std::uint32_t checksum_ = 0;
};

// Fills an empty table whose state then ends at `end_offset` (the number in the file's name). Producers that expired
// meanwhile are left out. On an error the table is unchanged.
Result<void, SnapshotError> load_snapshot(ByteView content, Offset end_offset, WallTime now, std::int64_t expiration_ms,
                                          ProducerTable& into);

}  // namespace highwater::log
