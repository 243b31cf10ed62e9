#include "machines/log/batch_facts.h"

#include "protocol/records/control_records.h"
#include "protocol/records/legacy.h"
#include "protocol/records/record_reader.h"

namespace highwater::log {
namespace {

// Control batches are a record of a few bytes; anything larger is not one.
constexpr records::ReadLimits marker_limits{.record_max = std::size_t{64} << 10, .output_max = std::uint64_t{1} << 20};

std::optional<TxnMarker> marker_of(records::BatchView view) {
  records::RecordReader reader(view, marker_limits);
  const auto record = reader.next();
  if (!record || !record->has_value()) return std::nullopt;
  const auto type = records::control_type(**record);
  const auto epoch = records::coordinator_epoch(**record);
  if (!type || !epoch) return std::nullopt;
  if (*type != records::ControlType::abort && *type != records::ControlType::commit) return std::nullopt;
  return TxnMarker{.outcome = *type == records::ControlType::commit ? TxnOutcome::commit : TxnOutcome::abort,
                   .coordinator_epoch = *epoch,
                   .timestamp = (*record)->timestamp};
}

BatchFacts facts_of_legacy(const records::RawBatch& batch) {
  const records::LegacyView view(batch.bytes);
  BatchFacts facts;
  facts.base_offset = facts.last_offset = batch.first_field();
  facts.max_timestamp = view.well_formed() ? view.timestamp() : records::no_timestamp;
  facts.size_bytes = static_cast<std::uint32_t>(batch.bytes.size());
  facts.magic = batch.magic;
  return facts;
}

}  // namespace

BatchFacts facts_of(const records::RawBatch& batch) {
  if (!batch.is_current()) return facts_of_legacy(batch);
  const records::BatchView view = batch.view();
  BatchFacts facts{.base_offset = view.base_offset(),
                   .last_offset = view.last_offset(),
                   .leader_epoch = view.leader_epoch(),
                   .max_timestamp = view.max_timestamp(),
                   .producer_id = view.producer_id(),
                   .producer_epoch = view.producer_epoch(),
                   .base_sequence = view.base_sequence(),
                   .last_sequence = view.last_sequence(),
                   .size_bytes = static_cast<std::uint32_t>(view.size()),
                   .magic = batch.magic,
                   .kind = view.is_control() ? BatchKind::control : BatchKind::data,
                   .scope = view.is_transactional() ? BatchScope::transactional : BatchScope::plain,
                   .marker = std::nullopt};
  if (view.is_control() && view.has_producer_id()) facts.marker = marker_of(view);
  return facts;
}

}  // namespace highwater::log
