#include "protocol/records/batch_view.h"

#include <doctest/doctest.h>

#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/batch_scan.h"

namespace highwater::records {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes sample(Offset base_offset = 0) {
  BatchBuilder builder({.base_offset = base_offset,
                        .leader_epoch = 3,
                        .producer_id = 9,
                        .producer_epoch = 2,
                        .base_sequence = 5,
                        .transactional = true});
  builder.append({.timestamp = 1000, .key = Nullable::of(as_bytes("k")), .value = Nullable::of(as_bytes("v"))});
  builder.append({.timestamp = 900});
  builder.append({.timestamp = 1100});
  return builder.finish();
}

TEST_CASE("every header field is where Kafka has it") {
  const Bytes bytes = sample(40);
  const BatchView view(bytes);
  CHECK(view.base_offset() == 40);
  CHECK(view.last_offset() == 42);
  CHECK(static_cast<std::size_t>(view.declared_length()) == bytes.size() - 12);
  CHECK(view.leader_epoch() == 3);
  CHECK(view.magic() == 2);
  CHECK(view.codec() == Codec::none);
  CHECK(view.is_transactional());
  CHECK_FALSE(view.is_control());
  CHECK(view.timestamp_type() == TimestampType::create_time);
  CHECK(view.base_timestamp() == 1000);
  CHECK(view.max_timestamp() == 1100);
  CHECK(view.producer_id() == 9);
  CHECK(view.producer_epoch() == 2);
  CHECK(view.base_sequence() == 5);
  CHECK(view.last_sequence() == 7);
  CHECK(view.record_count() == 3);
  CHECK(view.crc_ok());
}

TEST_CASE("a delete horizon stands where the base timestamp was") {
  Bytes bytes = sample();
  CHECK(BatchView(bytes).delete_horizon_ms() == no_timestamp);
  bytes[header::attributes + 1] |= attribute::delete_horizon;
  CHECK(BatchView(bytes).delete_horizon_ms() == 1000);
}

TEST_CASE("sequence numbers wrap from the largest to zero and back") {
  CHECK(sequence_after(INT32_MAX, 1) == 0);
  CHECK(sequence_after(INT32_MAX - 1, 3) == 1);
  CHECK(sequence_after(7, 0) == 7);
  CHECK(sequence_before(0, 1) == INT32_MAX);
  CHECK(sequence_before(1, 3) == INT32_MAX - 1);
  CHECK(sequence_before(9, 4) == 5);
}

TEST_CASE("a batch without sequence has no last sequence") {
  const Bytes bytes = single_record_batch({}, {.timestamp = 1});
  CHECK(BatchView(bytes).last_sequence() == no_sequence);
}

TEST_CASE("offset and epoch are patched without touching the checksum") {
  Bytes bytes = sample();
  const auto crc = BatchView(bytes).crc();
  stamp(bytes, {.base_offset = 5000, .leader_epoch = 8, .max_timestamp = 1100});
  const BatchView view(bytes);
  CHECK(view.base_offset() == 5000);
  CHECK(view.leader_epoch() == 8);
  CHECK(view.crc() == crc);
  CHECK(view.crc_ok());
}

TEST_CASE("log append time sets the attribute and the max timestamp and seals the batch anew") {
  Bytes bytes = sample();
  const auto crc = BatchView(bytes).crc();
  stamp(bytes, {.timestamp_type = TimestampType::log_append_time, .max_timestamp = 7777});
  const BatchView view(bytes);
  CHECK(view.timestamp_type() == TimestampType::log_append_time);
  CHECK(view.max_timestamp() == 7777);
  CHECK(view.base_timestamp() == 1000);
  CHECK(view.is_transactional());
  CHECK(view.crc() != crc);
  CHECK(view.crc_ok());
}

TEST_CASE("a range is cut into its batches with their positions") {
  Bytes range = sample(0);
  const std::size_t second_at = range.size();
  const Bytes second = sample(3);
  range.insert(range.end(), second.begin(), second.end());
  BatchScanner scanner(range);
  CHECK(scanner.next()->view().base_offset() == 0);
  const auto found = scanner.next();
  CHECK(found->view().base_offset() == 3);
  CHECK(found->position == second_at);
  CHECK_FALSE(scanner.next().has_value());
  CHECK(scanner.end() == ScanEnd::clean);
  CHECK(scanner.position() == range.size());
}

TEST_CASE("a range that ends inside a batch says so and where, wherever the cut is") {
  const Bytes first = sample();
  Bytes range = first;
  range.insert(range.end(), first.begin(), first.end());
  for (std::size_t size = first.size() + 1; size < range.size(); ++size) {
    int batches = 0;
    BatchScanner scanner(ByteView(range).first(size));
    while (scanner.next()) ++batches;
    CHECK(batches == 1);
    CHECK(scanner.end() == ScanEnd::truncated);
    CHECK(scanner.position() == first.size());
  }
}

TEST_CASE("zeros after the last batch are a length that no format has") {
  Bytes range = sample();
  range.resize(range.size() + 100);
  CHECK(for_each_batch(range, [](const RawBatch&) {}) == ScanEnd::length_too_small);
}

TEST_CASE("magic bytes outside of 0 to 2 end a scan") {
  for (const int magic : {3, 127, 128, 255}) {
    Bytes range = sample();
    range[header::magic] = static_cast<std::uint8_t>(magic);
    CHECK(for_each_batch(range, [](const RawBatch&) {}) == ScanEnd::unknown_magic);
  }
}

}  // namespace
}  // namespace highwater::records
