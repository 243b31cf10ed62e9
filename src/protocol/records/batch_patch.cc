#include "protocol/records/batch_patch.h"

#include "foundation/base/check.h"

namespace highwater::records {

void stamp(MutableBytes batch, const Stamp& with) {
  const BatchView view(batch);
  HW_CHECK(view.magic() == current_magic);
  set_base_offset(batch, with.base_offset);
  set_leader_epoch(batch, with.leader_epoch);
  if (view.timestamp_type() == with.timestamp_type && view.max_timestamp() == with.max_timestamp) return;
  // Kafka writes back only the flags that it knows; equal bytes on every replica and in every oracle test need the
  // same.
  unsigned attributes = view.attributes() & (attribute::all & ~attribute::log_append_time);
  if (with.timestamp_type == TimestampType::log_append_time) attributes |= attribute::log_append_time;
  store_be(batch.data() + header::attributes, static_cast<std::uint16_t>(attributes));
  store_be(batch.data() + header::max_timestamp, with.max_timestamp);
  seal_crc(batch);
}

void set_base_offset(MutableBytes batch, Offset base_offset) {
  HW_CHECK(batch.size() >= batch_header_size);
  store_be(batch.data() + header::base_offset, base_offset);
}

void set_leader_epoch(MutableBytes batch, Epoch leader_epoch) {
  HW_CHECK(batch.size() >= batch_header_size);
  store_be(batch.data() + header::leader_epoch, leader_epoch);
}

void seal_crc(MutableBytes batch) { store_be(batch.data() + header::crc, BatchView(batch).computed_crc()); }

}  // namespace highwater::records
