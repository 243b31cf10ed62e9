// Rules that need bulk or cannot be asked of Apache's classes; golden_test.cc has the rest.
#include "protocol/records/batch_validation.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/batch_rewrite.h"
#include "protocol/records/batch_scan.h"

namespace highwater::records {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Codec codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

Bytes one_large_record(Codec codec, std::size_t size) {
  const Bytes zeros(size);
  return single_record_batch({.codec = codec}, {.timestamp = 5, .value = Nullable::of(zeros)});
}

Bytes many_records(Codec codec, int count) {
  BatchBuilder builder({.codec = codec});
  for (int i = 0; i < count; ++i) {
    const std::string value = "record " + std::to_string(i);
    builder.append({.timestamp = 5, .value = Nullable::of(as_bytes(value))});
  }
  return builder.finish();
}

TEST_CASE("a record far larger than any window is walked through in slices") {
  for (const Codec codec : codecs) {
    CAPTURE(static_cast<int>(codec));
    const Bytes batch = one_large_record(codec, 20 << 20);
    BatchValidation validation(batch, {.batch_bytes_max = INT32_MAX}, {});
    int steps = 1;
    while (validation.step() == Progress::more) ++steps;
    CHECK_FALSE(validation.verdict().reject.has_value());
    CHECK(validation.verdict().uncompressed_bytes > 20u << 20);
    // 64 KiB each, and a read may go 16 KiB over.
    CHECK(steps >= (20 << 20) / (80 << 10));
  }
}

TEST_CASE("output over the limit is message too large, found before the rest is inflated") {
  for (const Codec codec : codecs) {
    const Bytes batch = one_large_record(codec, 20 << 20);
    BatchValidation validation(batch, {.batch_bytes_max = INT32_MAX, .output_bytes_max = 1 << 20}, {});
    int steps = 1;
    while (validation.step() == Progress::more) ++steps;
    CHECK(validation.verdict().reject == RejectReason::inflates_too_large);
    CHECK(kafka_error(RejectReason::inflates_too_large) == api::ErrorCode::message_too_large);
    CHECK(steps < 40);
  }
}

TEST_CASE("many small records are sliced by their number") {
  const Bytes batch = many_records(Codec::none, 50'000);
  BatchValidation validation(batch, {.batch_bytes_max = INT32_MAX}, {});
  int steps = 1;
  while (validation.step() == Progress::more) ++steps;
  CHECK_FALSE(validation.verdict().reject.has_value());
  CHECK(validation.verdict().record_count == 50'000);
  CHECK(steps >= 6);
}

TEST_CASE("the issues name each bad record by its index and a sentence") {
  BatchBuilder builder({});
  builder.append({.timestamp = 5, .key = Nullable::of(as_bytes("k"))});
  builder.append({.timestamp = 5});
  builder.append({.timestamp = 5, .key = Nullable::of(as_bytes(""))});
  builder.append({.timestamp = 5});
  const Verdict verdict = validate_whole(builder.finish(), {.compacted = true}, {});
  CHECK(verdict.reject == RejectReason::invalid_record);
  REQUIRE(verdict.record_issues.size() == 2);
  CHECK(verdict.record_issues[0].batch_index == 1);
  CHECK(verdict.record_issues[1].batch_index == 3);
  CHECK(verdict.record_issues[1].message.find("key") != std::string::npos);
}

TEST_CASE("no more issues are listed than the maximum, however many records are bad") {
  const Verdict verdict = validate_whole(many_records(Codec::none, 3000), {.compacted = true}, {});
  CHECK(verdict.reject == RejectReason::invalid_record);
  CHECK(verdict.record_issues.size() == record_issues_max);
  CHECK(verdict.message.find("due to 3000 record errors") != std::string::npos);
}

TEST_CASE("a coordinator may write control batches and choose a base offset, a client may not") {
  const Bytes marker = single_record_batch({.producer_id = 1, .producer_epoch = 0, .control = true}, {.timestamp = 5});
  CHECK(validate_whole(marker, {}, {}).reject == RejectReason::control_batch);
  CHECK_FALSE(validate_whole(marker, {}, {.origin = AppendOrigin::coordinator}).reject.has_value());
}

TEST_CASE("control batches are not compressed, whatever the topic wants") {
  const Bytes marker = single_record_batch({.control = true}, {.timestamp = 5});
  const Verdict verdict = validate_whole(marker, {.compression = Codec::zstd}, {.origin = AppendOrigin::coordinator});
  CHECK(verdict.keeping == Keeping::as_is);
  CHECK(verdict.target_codec == Codec::none);
}

TEST_CASE("a batch without records keeps its offsets, whatever codec the topic wants") {
  for (const Codec codec : {Codec::none, Codec::gzip}) {
    const Bytes batch = empty_batch({.codec = codec, .producer_id = 7, .producer_epoch = 0, .base_sequence = 3}, 4, 5);
    const TopicRules rules{.compression = Codec::zstd};
    const Verdict verdict = validate_whole(batch, rules, {.origin = AppendOrigin::coordinator});
    CHECK_FALSE(verdict.reject.has_value());
    CHECK(verdict.keeping == Keeping::as_is);
    CHECK(verdict.target_codec == BatchView(batch).codec());
    CHECK(verdict.record_count == 0);
    CHECK(verdict.last_offset_delta == 4);
    CHECK(validate_whole(batch, rules, {}).reject == RejectReason::bad_count);
  }
}

TEST_CASE("a producer id without an epoch is stored as it came and never compressed anew") {
  const Bytes batch =
      single_record_batch({.codec = Codec::gzip, .producer_id = 5, .base_sequence = 0}, {.timestamp = 5});
  CHECK_FALSE(validate_whole(batch, {}, {}).reject.has_value());
  CHECK(validate_whole(batch, {.compression = Codec::zstd}, {}).reject == RejectReason::no_producer_epoch);
}

TEST_CASE("bytes behind a batch that can be no batch are told before anything else") {
  Bytes batch = many_records(Codec::none, 3);
  batch.resize(batch.size() + 17);
  const auto reject = validate_whole(batch, {}, {}).reject;
  REQUIRE(reject == RejectReason::corrupt_length);
  CHECK(is_refused_before_log(*reject));
  const ByteView rest = ByteView(batch).last(17);
  CHECK(describe_break(rest) == "Record size 0 is less than the minimum record overhead (14)");
}

TEST_CASE("zstd is refused where the request is too old for it, before the checksum is looked at") {
  Bytes batch = many_records(Codec::zstd, 3);
  batch[header::crc] ^= 1;
  CHECK(validate_whole(batch, {}, {.zstd_allowed = false}).reject == RejectReason::codec_not_allowed);
  CHECK(validate_whole(batch, {}, {}).reject == RejectReason::corrupt_crc);
}

TEST_CASE("a batch that grows over the limit when it is written anew is refused") {
  const Bytes batch = many_records(Codec::gzip, 5000);
  const TopicRules rules{.batch_bytes_max = static_cast<std::int64_t>(batch.size()) + 10, .compression = Codec::none};
  const Verdict verdict = validate_whole(batch, rules, {});
  REQUIRE(verdict.keeping == Keeping::rewrite);
  BatchRewrite rewrite(BatchView(batch), rules, verdict);
  while (rewrite.step() == Progress::more) {
  }
  CHECK(rewrite.reject() == RejectReason::too_large);
}

TEST_CASE("a record with a negative timestamp is kept as it came and never compressed anew") {
  const TopicRules rules{.compression = Codec::zstd};
  for (const std::int64_t timestamp : {std::int64_t{-4}, no_timestamp}) {
    const Bytes batch = single_record_batch({.codec = Codec::snappy}, {.timestamp = timestamp});
    CHECK_FALSE(validate_whole(batch, {}, {}).reject.has_value());
    const Verdict verdict = validate_whole(batch, rules, {});
    REQUIRE(verdict.keeping == Keeping::rewrite);
    BatchRewrite rewrite(BatchView(batch), rules, verdict);
    while (rewrite.step() == Progress::more) {
    }
    CHECK(rewrite.reject() ==
          (timestamp == no_timestamp ? std::nullopt : std::optional(RejectReason::negative_timestamp)));
  }
}

TEST_CASE("a rewrite goes in slices") {
  const Bytes batch = many_records(Codec::none, 5000);
  const TopicRules rules{.batch_bytes_max = INT32_MAX, .compression = Codec::lz4};
  const Verdict verdict = validate_whole(batch, rules, {});
  BatchRewrite rewrite(BatchView(batch), rules, verdict);
  int steps = 1;
  while (rewrite.step() == Progress::more) ++steps;
  CHECK(steps >= 5);
  const Bytes packed = rewrite.take();
  CHECK(packed.size() < batch.size());
  CHECK(BatchView(packed).record_count() == 5000);
}

}  // namespace
}  // namespace highwater::records
