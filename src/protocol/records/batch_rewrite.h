// Writes a good batch anew with the topic's codec, dense inner offsets and the topic's kind of timestamps. Only where
// BatchValidation says Keeping::rewrite; producer fields stay, so that retries are still recognised
// (LogValidator.buildRecordsAndAssignOffsets).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_validation.h"
#include "protocol/records/batch_view.h"
#include "protocol/records/record_reader.h"
#include "protocol/records/reject_reason.h"

namespace highwater::records {

class BatchRewrite {
 public:
  // The batch's bytes must outlive the rewrite.
  BatchRewrite(BatchView batch, const TopicRules& rules, const Verdict& verdict);

  // At least one record, then until about `work_bytes` of key and value have passed.
  Progress step(std::size_t work_bytes = validation_slice_bytes);
  // After Progress::done: nothing, or why the new batch cannot be stored (it may have grown over max.message.bytes).
  std::optional<RejectReason> reject() const { return reject_; }
  // The new batch: base offset 0, to be stamped like any other.
  std::vector<std::uint8_t> take() { return std::move(result_); }

 private:
  TopicRules rules_;
  RecordReader reader_;
  BatchBuilder builder_;
  std::int32_t next_delta_ = 0;
  std::optional<RejectReason> reject_;
  std::vector<std::uint8_t> result_;
};

}  // namespace highwater::records
