// Keys and values of control records. The key is version i16 = 0, type i16; the value of a transaction marker is
// version i16 = 0, coordinator epoch i32 (EndTxnMarker.json). The values of KRaft's types are generated messages; their
// bytes are the caller's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/base/bytes.h"
#include "protocol/records/batch_builder.h"

namespace highwater::records {

enum class ControlType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

std::array<std::uint8_t, 4> control_key(ControlType type);
std::array<std::uint8_t, 6> end_txn_value(std::int32_t coordinator_epoch);

// Nothing for types that we do not know: newer Kafkas may write them, and readers pass them by.
std::optional<ControlType> control_type(const Record& record);
std::optional<std::int32_t> coordinator_epoch(const Record& record);

// The batch of one transaction marker; options give producer id, epoch, offset and leader epoch.
std::vector<std::uint8_t> end_txn_batch(BatchOptions options, ControlType outcome, std::int32_t coordinator_epoch,
                                        std::int64_t timestamp);
// One control record of the given type in a batch of its own.
std::vector<std::uint8_t> control_batch(BatchOptions options, ControlType type, ByteView value, std::int64_t timestamp);

}  // namespace highwater::records
