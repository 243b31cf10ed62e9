// Apache's own builders and validators against ours, from golden/log/record_batches.txt (made by
// tests/golden/RecordVectors.java).
#include <doctest/doctest.h>

#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/batch_rewrite.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/batch_validation.h"
#include "protocol/records/control_records.h"
#include "protocol/records/golden_lines.h"
#include "protocol/records/record_reader.h"

namespace highwater::records {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t now = 1'700'000'000'000;

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct BatchLine {
  std::string_view name;
  Bytes bytes;
};

struct ValidateLine {
  std::string_view name;
  TopicRules rules;
  ProduceTerms terms;
  std::int64_t code = 0;
  Bytes input;
  Bytes output;
};

std::vector<BatchLine> batch_lines() {
  std::vector<BatchLine> lines;
  for (const auto& words : golden_lines("batch")) lines.push_back({words[1], from_hex(words[2])});
  return lines;
}

ValidateLine validate_line(const std::vector<std::string_view>& words) {
  std::map<std::string_view, std::int64_t> settings;
  for (std::size_t i = 2; i < words.size() - 3; ++i) {
    const std::size_t equals = words[i].find('=');
    settings[words[i].substr(0, equals)] = number(words[i].substr(equals + 1));
  }
  ValidateLine line{.name = words[1], .rules = {}, .terms = {}, .code = 0, .input = {}, .output = {}};
  line.rules.batch_bytes_max = settings["max"];
  line.rules.compacted = settings["compact"] == 1;
  line.rules.timestamp_type =
      settings["append_time"] == 1 ? TimestampType::log_append_time : TimestampType::create_time;
  line.rules.timestamp_before_max_ms = settings["before"];
  line.rules.timestamp_after_max_ms = settings["after"];
  if (settings["target"] >= 0) line.rules.compression = static_cast<Codec>(settings["target"]);
  line.terms.zstd_allowed = settings["version"] >= 7;
  line.terms.now = {now};
  line.code = number(words[words.size() - 3]);
  line.input = from_hex(words[words.size() - 2]);
  line.output = from_hex(words[words.size() - 1]);
  return line;
}

std::vector<ValidateLine> validate_lines() {
  std::vector<ValidateLine> lines;
  for (const auto& words : golden_lines("validate")) lines.push_back(validate_line(words));
  return lines;
}

// A record as RecordVectors.java makes it.
struct Expected {
  std::string key, value, header_name, header_value;
  std::vector<Header> headers;
  NewRecord record;

  explicit Expected(int i) {
    const std::string n = std::to_string(i);
    key = "key-" + n;
    value = "value-" + n + "-";
    for (int k = 0; k < i; ++k) value += "abc";
    header_name = "h" + n;
    header_value = "x" + n;
    if (i % 2 == 0) headers.push_back({as_bytes(header_name), Nullable::of(as_bytes(header_value))});
    if (i % 4 == 0) headers.push_back({as_bytes("empty"), Nullable::none()});
    record.timestamp = now - 1000 + 7 * i - (i % 4) * 20;
    if (i % 3 != 0) record.key = Nullable::of(as_bytes(key));
    if (i % 5 != 4) record.value = Nullable::of(as_bytes(value));
    record.headers = headers;
  }
  Expected(const Expected&) = delete;
  Expected& operator=(const Expected&) = delete;
};

bool same(const Nullable& a, const Nullable& b) {
  return a.present == b.present && as_text(a.bytes) == as_text(b.bytes);
}

void check_record(const Record& got, int i, std::int64_t stamped) {
  const Expected expected(i);
  CHECK(got.offset == i);
  CHECK(got.timestamp == (stamped == no_timestamp ? expected.record.timestamp : stamped));
  CHECK(same(got.key, expected.record.key));
  CHECK(same(got.value, expected.record.value));
  HeaderReader headers(got);
  for (const Header& header : expected.headers) {
    const auto read = headers.next();
    REQUIRE(read.has_value());
    CHECK(as_text(read->key) == as_text(header.key));
    CHECK(same(read->value, header.value));
  }
  CHECK_FALSE(headers.next().has_value());
}

bool is_data(std::string_view name) { return name != "commit" && name != "abort" && name != "emptied"; }

BatchOptions options_of(std::string_view name) {
  BatchOptions options;
  if (name.starts_with("idempotent")) {
    options.producer_id = 4242;
    options.producer_epoch = 3;
    options.base_sequence = INT32_MAX - 1;
  }
  if (name.starts_with("transactional")) {
    options.producer_id = 4243;
    options.producer_epoch = 1;
    options.base_sequence = 0;
    options.transactional = true;
  }
  if (name.starts_with("stamped")) {
    options.timestamp_type = TimestampType::log_append_time;
    options.log_append_time = now + 5;
  }
  return options;
}

TEST_CASE("batches that Apache built are read with all their records, whatever the codec") {
  int batches = 0;
  for (const auto& [name, bytes] : batch_lines()) {
    if (!is_data(name)) continue;
    CAPTURE(name);
    const BatchView view(bytes);
    CHECK(view.crc_ok());
    RecordReader reader(view);
    for (int i = 0; i < view.record_count(); ++i) {
      const auto record = reader.next();
      REQUIRE(record.has_value());
      REQUIRE(record->has_value());
      check_record(**record, i, name.starts_with("stamped") ? now + 5 : no_timestamp);
    }
    const auto end = reader.next();
    REQUIRE(end.has_value());
    CHECK_FALSE(end->has_value());
    ++batches;
  }
  CHECK(batches == 20);
}

TEST_CASE("our builder gives Apache's bytes for batches without a codec") {
  for (const auto& [name, bytes] : batch_lines()) {
    if (!is_data(name) || !name.ends_with("-none")) continue;
    CAPTURE(name);
    BatchBuilder builder(options_of(name));
    for (int i = 0; i < BatchView(bytes).record_count(); ++i) {
      const Expected expected(i);
      builder.append(expected.record);
    }
    CHECK(builder.finish() == bytes);
  }
}

TEST_CASE("batches that we compress are read back by our reader with Apache's records") {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    BatchBuilder builder({.codec = codec});
    for (int i = 0; i < 40; ++i) {
      const Expected expected(i);
      builder.append(expected.record);
    }
    const Bytes bytes = builder.finish();
    const BatchView view(bytes);
    CHECK(view.crc_ok());
    CHECK(view.codec() == codec);
    RecordReader reader(view);
    for (int i = 0; i < 40; ++i) check_record(reader.next().value().value(), i, no_timestamp);
    CHECK_FALSE(reader.next().value().has_value());
  }
}

TEST_CASE("transaction markers and emptied batches have Apache's bytes") {
  for (const auto& [name, bytes] : batch_lines()) {
    if (is_data(name)) continue;
    CAPTURE(name);
    BatchOptions options{.base_offset = 77, .leader_epoch = 5, .producer_id = 4242, .producer_epoch = 3};
    if (name == "emptied") {
      options.base_offset = 50;
      options.base_sequence = 10;
      CHECK(empty_batch(options, 9, now) == bytes);
    } else {
      CHECK(end_txn_batch(options, name == "commit" ? ControlType::commit : ControlType::abort, 9, now) == bytes);
    }
  }
}

// Kafka's partial reader does not look at the length of a record inside a compressed batch that it stores unchanged;
// then no consumer can read the batch. We refuse it.
bool refused_by_us_alone(std::string_view name) {
  return !name.starts_with("none") && (name.ends_with("-length-over-batch") || name.ends_with("-length-short") ||
                                       name.ends_with("-length-negative"));
}

// What a leader at offset 100 in epoch 7 stores.
Bytes stored(const ValidateLine& line, const Verdict& verdict) {
  const auto batch = BatchScanner(line.input).next();
  Bytes bytes(batch->bytes.begin(), batch->bytes.end());
  if (verdict.keeping == Keeping::rewrite) {
    BatchRewrite rewrite(batch->view(), line.rules, verdict);
    while (rewrite.step() == Progress::more) {
    }
    CHECK_FALSE(rewrite.reject().has_value());
    bytes = rewrite.take();
  }
  stamp(bytes, {.base_offset = 100,
                .leader_epoch = 7,
                .timestamp_type = line.rules.timestamp_type,
                .max_timestamp = verdict.max_timestamp});
  return bytes;
}

void check_same_records(ByteView ours, ByteView theirs) {
  const BatchView a(ours);
  const BatchView b(theirs);
  CHECK(a.crc_ok());
  CHECK(a.base_offset() == b.base_offset());
  CHECK(a.attributes() == b.attributes());
  CHECK(a.last_offset_delta() == b.last_offset_delta());
  CHECK(a.base_timestamp() == b.base_timestamp());
  CHECK(a.max_timestamp() == b.max_timestamp());
  CHECK(a.base_sequence() == b.base_sequence());
  REQUIRE(a.record_count() == b.record_count());
  RecordReader left(a);
  RecordReader right(b);
  for (int i = 0; i < a.record_count(); ++i) {
    const Record x = left.next().value().value();
    const Record y = right.next().value().value();
    CHECK(x.offset == y.offset);
    CHECK(x.timestamp == y.timestamp);
    CHECK(same(x.key, y.key));
    CHECK(same(x.value, y.value));
    CHECK(as_text(x.headers) == as_text(y.headers));
  }
}

TEST_CASE("every batch, good or bad, meets Apache's outcome and is stored with Apache's bytes") {
  int refused = 0;
  int accepted = 0;
  for (const ValidateLine& line : validate_lines()) {
    CAPTURE(line.name);
    const Verdict verdict = validate_whole(line.input, line.rules, line.terms);
    const auto code = verdict.reject ? static_cast<std::int64_t>(kafka_error(*verdict.reject)) : 0;
    if (refused_by_us_alone(line.name)) {
      CHECK(code == 87);
      continue;
    }
    CHECK(code == line.code);
    CHECK(verdict.reject.has_value() == !verdict.message.empty());
    ++(verdict.reject ? refused : accepted);
    if (verdict.reject || line.code != 0) continue;
    const Bytes ours = stored(line, verdict);
    if (verdict.keeping == Keeping::as_is || verdict.target_codec == Codec::none) {
      CHECK(ours == line.output);
    } else {
      check_same_records(ours, line.output);
    }
  }
  CHECK(refused > 180);
  CHECK(accepted > 80);
}

TEST_CASE("the outcome does not depend on the size of the slices") {
  for (const ValidateLine& line : validate_lines()) {
    CAPTURE(line.name);
    const Verdict whole = validate_whole(line.input, line.rules, line.terms);
    for (const std::size_t slice : {1u, 100u}) {
      BatchValidation validation(line.input, line.rules, line.terms);
      while (validation.step(slice) == Progress::more) {
      }
      CHECK(validation.verdict().reject == whole.reject);
      CHECK(validation.verdict().max_timestamp == whole.max_timestamp);
      CHECK(validation.verdict().record_issues.size() == whole.record_issues.size());
    }
  }
}

}  // namespace
}  // namespace highwater::records
