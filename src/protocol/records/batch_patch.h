// What may be changed in a batch that is already bytes. The range is one whole magic-2 batch; the caller owns it alone.
#pragma once

#include "foundation/base/bytes.h"
#include "foundation/base/ids.h"
#include "protocol/records/batch_view.h"

namespace highwater::records {

// What a leader stamps on a batch at append: offsets and epoch lie outside the CRC, the timestamp inside.
struct Stamp {
  Offset base_offset = 0;
  Epoch leader_epoch = no_epoch;
  TimestampType timestamp_type = TimestampType::create_time;
  std::int64_t max_timestamp = no_timestamp;
};

// Writes the stamp. The CRC is computed anew only when the timestamp or its type differ from what the batch says
// (DefaultRecordBatch.setMaxTimestamp). Inner timestamp deltas stay as they are: with log append time, readers take
// the header's max timestamp for every record.
void stamp(MutableBytes batch, const Stamp& with);

void set_base_offset(MutableBytes batch, Offset base_offset);
void set_leader_epoch(MutableBytes batch, Epoch leader_epoch);
// Computes and writes the CRC over whatever is in the batch now.
void seal_crc(MutableBytes batch);

}  // namespace highwater::records
