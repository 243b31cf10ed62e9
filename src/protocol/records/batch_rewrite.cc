#include "protocol/records/batch_rewrite.h"

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"

namespace highwater::records {
namespace {

BatchOptions options_of(BatchView batch, const TopicRules& rules, const Verdict& verdict) {
  return {.codec = verdict.target_codec,
          .levels = rules.levels,
          .timestamp_type = rules.timestamp_type,
          .log_append_time = verdict.max_timestamp,
          .producer_id = batch.producer_id(),
          .producer_epoch = batch.producer_epoch(),
          .base_sequence = batch.base_sequence(),
          .transactional = batch.is_transactional(),
          .control = batch.is_control()};
}

// A batch's length is an i32; what a compressor still holds back must fit too.
std::int64_t size_max(const TopicRules& rules) {
  constexpr std::int64_t held_back = std::int64_t{64} << 20;
  return std::min<std::int64_t>(rules.batch_bytes_max, INT32_MAX - held_back);
}

}  // namespace

BatchRewrite::BatchRewrite(BatchView batch, const TopicRules& rules, const Verdict& verdict)
    : rules_(rules),
      reader_(batch, {.output_max = rules.output_bytes_max}),
      builder_(options_of(batch, rules, verdict)) {
  HW_CHECK(!verdict.reject && verdict.keeping == Keeping::rewrite && verdict.record_count > 0);
}

Progress BatchRewrite::step(std::size_t work_bytes) {
  for (std::size_t done = 0; done < work_bytes;) {
    const auto record = reader_.next();
    if (!record) {
      reject_ = reason_of(record.error());
      return Progress::done;
    }
    if (!record->has_value()) {
      result_ = builder_.finish();
      if (static_cast<std::int64_t>(result_.size()) > rules_.batch_bytes_max) reject_ = RejectReason::too_large;
      return Progress::done;
    }
    // MemoryRecordsBuilder takes no such record, although a batch that stays as it came may hold it.
    if ((*record)->timestamp < 0 && (*record)->timestamp != no_timestamp) {
      reject_ = RejectReason::negative_timestamp;
      return Progress::done;
    }
    builder_.append_copy(next_delta_++, **record);
    if (static_cast<std::int64_t>(builder_.size_so_far()) > size_max(rules_)) {
      reject_ = RejectReason::too_large;
      return Progress::done;
    }
    // The smallest record costs more than its bytes.
    done += 64 + (*record)->payload_size() + (*record)->headers.size();
  }
  return Progress::more;
}

}  // namespace highwater::records
