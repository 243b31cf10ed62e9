#include "protocol/records/control_records.h"

#include "foundation/base/check.h"

namespace highwater::records {
namespace {

constexpr std::int16_t key_version = 0;
constexpr std::int16_t value_version = 0;

}  // namespace

std::array<std::uint8_t, 4> control_key(ControlType type) {
  std::array<std::uint8_t, 4> key;
  store_be(key.data(), key_version);
  store_be(key.data() + 2, static_cast<std::int16_t>(type));
  return key;
}

std::array<std::uint8_t, 6> end_txn_value(std::int32_t coordinator_epoch) {
  std::array<std::uint8_t, 6> value;
  store_be(value.data(), value_version);
  store_be(value.data() + 2, coordinator_epoch);
  return value;
}

std::optional<ControlType> control_type(const Record& record) {
  const ByteView key = record.key.bytes;
  if (key.size() < 4 || load_be<std::int16_t>(key.data()) < 0) return std::nullopt;
  const auto type = load_be<std::int16_t>(key.data() + 2);
  if (type < 0 || type > static_cast<std::int16_t>(ControlType::kraft_voters)) return std::nullopt;
  return static_cast<ControlType>(type);
}

std::optional<std::int32_t> coordinator_epoch(const Record& record) {
  const ByteView value = record.value.bytes;
  if (value.size() < 6 || load_be<std::int16_t>(value.data()) < 0) return std::nullopt;
  return load_be<std::int32_t>(value.data() + 2);
}

std::vector<std::uint8_t> end_txn_batch(BatchOptions options, ControlType outcome, std::int32_t coordinator_epoch,
                                        std::int64_t timestamp) {
  HW_CHECK(outcome == ControlType::abort || outcome == ControlType::commit);
  options.transactional = true;
  const auto value = end_txn_value(coordinator_epoch);
  return control_batch(options, outcome, value, timestamp);
}

std::vector<std::uint8_t> control_batch(BatchOptions options, ControlType type, ByteView value,
                                        std::int64_t timestamp) {
  options.control = true;
  const auto key = control_key(type);
  return single_record_batch(options, {.timestamp = timestamp, .key = Nullable::of(key), .value = Nullable::of(value)});
}

}  // namespace highwater::records
