// Message sets of magic 0 and 1 that Apache's classes built (golden/log/record_batches.txt), and damaged ones.
#include "protocol/records/legacy.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/random.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/golden_lines.h"

namespace highwater::records {
namespace {

constexpr std::int64_t now = 1'700'000'000'000;

std::string value_of(int i) {
  std::string value = "value-" + std::to_string(i) + "-";
  for (int k = 0; k < i; ++k) value += "abc";
  return value;
}

void check_record(const Record& record, int i, std::int64_t timestamp) {
  CHECK(record.offset == 50 + i);
  CHECK(record.timestamp == timestamp);
  CHECK(record.key.present == (i % 3 != 0));
  if (record.key.present) CHECK(as_text(record.key.bytes) == "key-" + std::to_string(i));
  CHECK(record.value.present == (i % 5 != 4));
  if (record.value.present) CHECK(as_text(record.value.bytes) == value_of(i));
  CHECK(record.header_count == 0);
}

std::int64_t timestamp_of(std::string_view name, int i) {
  if (name.starts_with("magic-0")) return no_timestamp;
  return name.ends_with("-stamped") ? now + 5 : now - 1000 + 7 * i - (i % 4) * 20;
}

TEST_CASE("message sets of magic 0 and 1 are read with true offsets and timestamps, whatever the codec") {
  int sets = 0;
  for (const auto& words : golden_lines("legacy")) {
    const std::string_view name = words[1];
    CAPTURE(name);
    const auto bytes = from_hex(words[2]);
    int i = 0;
    const ScanEnd end = for_each_batch(bytes, [&](const RawBatch& entry) {
      CHECK(LegacyView(entry.bytes).well_formed());
      CHECK(LegacyView(entry.bytes).crc_ok());
      LegacyReader reader(entry.bytes);
      for (auto record = reader.next(); record.has_value() && record->has_value(); record = reader.next()) {
        check_record(**record, i, timestamp_of(name, i));
        ++i;
      }
    });
    CHECK(end == ScanEnd::clean);
    CHECK(i == 6);
    ++sets;
  }
  CHECK(sets == 12);
}

TEST_CASE("a wrapper's offset is that of its last record") {
  for (const auto& words : golden_lines("legacy")) {
    if (words[1] != "magic-1-gzip") continue;
    const auto bytes = from_hex(words[2]);
    CHECK(LegacyView(bytes).last_offset() == 55);
    CHECK(LegacyView(bytes).is_compressed());
  }
}

TEST_CASE("cut or damaged entries are refused and never crash the reader") {
  Random random(5);
  for (const auto& words : golden_lines("legacy")) {
    const auto good = from_hex(words[2]);
    const auto entry = BatchScanner(good).next()->bytes;
    for (std::size_t size = 0; size < entry.size(); ++size) CHECK_FALSE(LegacyView(entry.first(size)).well_formed());
    for (int round = 0; round < 500; ++round) {
      std::vector<std::uint8_t> bad(entry.begin(), entry.end());
      bad[random.below(bad.size())] = static_cast<std::uint8_t>(random.next());
      LegacyReader reader(bad, {.output_max = 1 << 20});
      for (int i = 0; i < 10; ++i) {
        const auto record = reader.next();
        if (!record.has_value() || !record->has_value()) break;
      }
    }
  }
}

}  // namespace
}  // namespace highwater::records
