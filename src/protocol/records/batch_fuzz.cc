// A produced batch. Input: one byte of options, then the records field of a produce request. With bit 0 the length
// and the checksum are put right first, else no mutation would get past them. Validation gives one verdict however it
// is sliced, and it is the verdict of a reader that takes every record apart; a rebuilt batch holds the same records.
#include <algorithm>
#include <optional>

#include "foundation/base/check.h"
#include "foundation/crypto/crc32c.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_rewrite.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/batch_validation.h"
#include "protocol/records/record_reader.h"
#include "tests/fuzz/peak_memory.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using namespace records;

constexpr std::uint64_t output_max = std::uint64_t{1} << 20;
// Without a codec; that of the codecs is the decompressors' own property.
constexpr std::size_t memory_max = record_issues_max * 512;
constexpr WallTime now{1'700'000'000'000};

struct Options {
  bool repaired;
  bool compacted;
  bool zstd_allowed;
  AppendOrigin origin;
  bool recompressed;
};

Options options_of(std::uint8_t bits) {
  return {.repaired = (bits & 1) != 0,
          .compacted = (bits & 2) != 0,
          .zstd_allowed = (bits & 4) == 0,
          .origin = (bits & 8) != 0 ? AppendOrigin::coordinator : AppendOrigin::client,
          .recompressed = (bits & 16) != 0};
}

void repair(std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < batch_header_size) return;
  store_be(bytes.data() + header::length, static_cast<std::int32_t>(bytes.size() - log_overhead));
  bytes[header::magic] = current_magic;
  store_be(bytes.data() + header::crc, crypto::crc32c(ByteView(bytes).subspan(header::attributes)));
}

// All records as the reader sees them; nothing if it fails.
struct Reading {
  std::int32_t count = 0;
  std::optional<RecordError> error;
};

Reading read_all(BatchView batch) {
  RecordReader reader(batch, {.record_max = output_max, .output_max = output_max});
  Reading reading;
  for (;;) {
    const auto record = reader.next();
    if (!record) {
      reading.error = record.error();
      return reading;
    }
    if (!*record) return reading;
    ++reading.count;
    HeaderReader headers(**record);
    std::int32_t header_count = 0;
    while (headers.next()) ++header_count;
    HW_CHECK(header_count == (*record)->header_count);
  }
}

bool names_codec(ByteView bytes) { return bytes.size() >= batch_header_size && BatchView(bytes).is_compressed(); }

bool same(const Verdict& left, const Verdict& right) {
  return left.reject == right.reject && left.message == right.message && left.keeping == right.keeping &&
         left.record_count == right.record_count && left.max_timestamp == right.max_timestamp &&
         left.last_offset_delta == right.last_offset_delta && left.uncompressed_bytes == right.uncompressed_bytes &&
         left.record_issues.size() == right.record_issues.size();
}

bool about_bytes(RejectReason reason) {
  return reason == RejectReason::malformed_record || reason == RejectReason::records_remain ||
         reason == RejectReason::undecodable;
}

void check_rewrite(const BatchValidation& validation, const TopicRules& rules) {
  const BatchView before = validation.batch();
  BatchRewrite rewrite(before, rules, validation.verdict());
  while (rewrite.step(1000) == Progress::more) {
  }
  if (rewrite.reject()) return;
  const auto bytes = rewrite.take();
  const BatchView after(bytes);
  HW_CHECK(after.crc_ok() && after.record_count() == before.record_count());
  RecordReader old_records(before);
  RecordReader new_records(after);
  for (std::int32_t left = before.record_count(); left > 0; --left) {
    const auto old_record = old_records.next();
    const Record old_copy = **old_record;
    const auto new_record = new_records.next();
    HW_CHECK(new_record && *new_record);
    HW_CHECK(std::ranges::equal((*new_record)->value.bytes, old_copy.value.bytes) &&
             std::ranges::equal((*new_record)->key.bytes, old_copy.key.bytes) &&
             std::ranges::equal((*new_record)->headers, old_copy.headers));
  }
  HW_CHECK(!*new_records.next());
}

void check_against_reader(const BatchValidation& validation, const TopicRules& rules) {
  const Verdict& verdict = validation.verdict();
  const Reading reading = read_all(validation.batch());
  HW_CHECK(!reading.error && reading.count == verdict.record_count);
  HW_CHECK(validation.batch().crc_ok() && verdict.uncompressed_bytes <= output_max);
  if (verdict.keeping == Keeping::rewrite) check_rewrite(validation, rules);
}

// What was refused for its bytes is not readable either.
void check_refusal(ByteView bytes, RejectReason reason) {
  BatchScanner scanner(bytes);
  const auto raw = scanner.next();
  HW_CHECK(raw && raw->has_header());
  if (about_bytes(reason)) HW_CHECK(read_all(raw->view()).error.has_value());
}

void check_scan(ByteView bytes) {
  std::size_t covered = 0;
  const ScanEnd end = for_each_batch(bytes, [&](const RawBatch& batch) {
    HW_CHECK(batch.position == covered && !batch.bytes.empty());
    covered += batch.bytes.size();
    if (!batch.has_header()) return;
    HW_CHECK(static_cast<std::size_t>(batch.view().declared_length()) + log_overhead == batch.bytes.size());
  });
  HW_CHECK(covered <= bytes.size() && (end == ScanEnd::clean) == (covered == bytes.size()));
}

}  // namespace

void run(ByteView input) {
  if (input.empty()) return;
  const Options options = options_of(input[0]);
  std::vector<std::uint8_t> bytes(input.begin() + 1, input.end());
  if (options.repaired) repair(bytes);
  check_scan(bytes);

  TopicRules rules{.batch_bytes_max = 1 << 20, .output_bytes_max = output_max, .compacted = options.compacted};
  if (options.recompressed) rules.compression = Codec::lz4;
  const ProduceTerms terms{.origin = options.origin, .zstd_allowed = options.zstd_allowed, .now = now};
  const Verdict whole = validate_whole(bytes, rules, terms);
  const PeakMemory memory;
  BatchValidation validation(bytes, rules, terms);
  while (validation.step(1 + input[0] * std::size_t{16}) == Progress::more) {
  }
  if (!names_codec(bytes)) HW_CHECK(memory.bytes() <= memory_max);
  HW_CHECK(same(validation.verdict(), whole));
  if (!whole.reject) return check_against_reader(validation, rules);
  if (about_bytes(*whole.reject)) check_refusal(bytes, *whole.reject);
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  const std::vector<std::uint8_t> value(300, 'v');
  const Header header{.key = as_bytes("name"), .value = Nullable::of(as_bytes("worth"))};
  for (unsigned codec = 0; codec < codec_count; ++codec) {
    for (const int count : {1, 5}) {
      for (const unsigned bits : {0u, 1u, 2u, 9u, 17u}) {
        BatchBuilder builder({.codec = static_cast<Codec>(codec),
                              .producer_id = count == 1 ? no_producer_id : 7,
                              .producer_epoch = count == 1 ? no_producer_epoch : std::int16_t{1},
                              .base_sequence = count == 1 ? no_sequence : 40});
        for (int left = count; left > 0; --left) {
          builder.append({.timestamp = now.ms + left,
                          .key = left == 1 ? Nullable::none() : Nullable::of(as_bytes("key")),
                          .value = left == 3 ? Nullable::none() : Nullable::of(value),
                          .headers = left == 2 ? std::span<const Header>() : std::span(&header, 1)});
        }
        const auto batch = builder.finish();
        Input input{static_cast<std::uint8_t>(bits)};
        input.insert(input.end(), batch.begin(), batch.end());
        all.push_back(std::move(input));
      }
    }
  }
  return all;
}

}  // namespace highwater::fuzz
