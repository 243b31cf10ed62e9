#include "protocol/records/record_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "foundation/base/random.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/control_records.h"
#include "protocol/records/record_scan.h"

namespace highwater::records {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Codec codecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

TEST_CASE("records of very different sizes come back in order, whatever the codec") {
  Random random(1);
  std::vector<Bytes> values;
  for (const std::size_t size : {0u, 1u, 100'000u, 5u, 32'768u, 32'769u, 16'384u, 1'000'000u, 3u}) {
    Bytes value(size);
    for (auto& byte : value) byte = static_cast<std::uint8_t>(random.below(20));
    values.push_back(value);
  }
  for (const Codec codec : codecs) {
    CAPTURE(static_cast<int>(codec));
    BatchBuilder builder({.base_offset = 100, .codec = codec});
    for (const Bytes& value : values) {
      const Header headers[] = {{as_bytes("big"), Nullable::of(value)}};
      builder.append({.timestamp = 7, .key = Nullable::of(value), .value = Nullable::of(value), .headers = headers});
    }
    const Bytes batch = builder.finish();
    RecordReader reader{BatchView(batch)};
    RecordScan scan(BatchView(batch), UINT64_MAX);
    std::size_t budget = SIZE_MAX;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Record record = reader.next().value().value();
      CHECK(record.offset == static_cast<Offset>(100 + i));
      CHECK(as_text(record.value.bytes) == as_text(values[i]));
      CHECK(as_text(HeaderReader(record).next()->value.bytes) == as_text(values[i]));
      REQUIRE(scan.next(budget) == ScanStep::record);
      CHECK(scan.record().offset_delta == static_cast<std::int32_t>(i));
      CHECK(scan.record().has_key);
    }
    CHECK_FALSE(reader.next().value().has_value());
    CHECK(scan.next(budget) == ScanStep::end);
  }
}

TEST_CASE("a record over the limit is refused before memory is taken for it") {
  const Bytes value(100'000);
  const Bytes batch = single_record_batch({.codec = Codec::zstd}, {.timestamp = 1, .value = Nullable::of(value)});
  RecordReader reader(BatchView(batch), {.record_max = 50'000});
  CHECK(reader.next().error() == RecordError::too_large);
  CHECK(reader.next().error() == RecordError::too_large);
}

TEST_CASE("a batch that says more records than it has is malformed, one that says fewer has a rest") {
  for (const Codec codec : codecs) {
    BatchBuilder builder({.codec = codec});
    builder.append({.timestamp = 1});
    builder.append({.timestamp = 1});
    Bytes batch = builder.finish();
    store_be<std::int32_t>(batch.data() + header::record_count, 3);
    RecordReader more{BatchView(batch)};
    CHECK(more.next().has_value());
    CHECK(more.next().has_value());
    CHECK(more.next().error() == RecordError::malformed);
    store_be<std::int32_t>(batch.data() + header::record_count, 1);
    RecordReader fewer{BatchView(batch)};
    CHECK(fewer.next().has_value());
    CHECK(fewer.next().error() == RecordError::records_remain);
  }
}

TEST_CASE("damaged batches never crash the reader or the scan") {
  Random random(3);
  for (const Codec codec : codecs) {
    BatchBuilder builder({.codec = codec});
    for (int i = 0; i < 30; ++i) {
      const std::string text = "value " + std::to_string(i);
      const Header headers[] = {{as_bytes("h"), Nullable::of(as_bytes(text))}};
      builder.append({.timestamp = i, .value = Nullable::of(as_bytes(text)), .headers = headers});
    }
    const Bytes good = builder.finish();
    for (int round = 0; round < 3000; ++round) {
      Bytes bad = good;
      for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
        bad[header::record_count + random.below(bad.size() - header::record_count)] =
            static_cast<std::uint8_t>(random.next());
      }
      RecordReader reader(BatchView(bad), {.record_max = 1 << 20, .output_max = 1 << 22});
      for (int i = 0; i < 40; ++i) {
        const auto record = reader.next();
        if (!record || !record->has_value()) break;
        HeaderReader headers(**record);
        while (headers.next()) {
        }
      }
      RecordScan scan(BatchView(bad), 1 << 22);
      std::size_t budget = SIZE_MAX;
      while (scan.next(budget) == ScanStep::record) {
      }
    }
  }
}

TEST_CASE("control records tell their type, and unknown types are passed by") {
  const Bytes batch = end_txn_batch({.producer_id = 4, .producer_epoch = 1}, ControlType::abort, 12, 99);
  const BatchView view(batch);
  CHECK(view.is_control());
  CHECK(view.is_transactional());
  CHECK(view.base_sequence() == no_sequence);
  RecordReader reader(view);
  const Record record = reader.next().value().value();
  CHECK(control_type(record) == ControlType::abort);
  CHECK(coordinator_epoch(record) == 12);

  const auto later = control_key(static_cast<ControlType>(7));
  CHECK_FALSE(control_type({.key = Nullable::of(later)}).has_value());
  CHECK_FALSE(control_type({.key = Nullable::of(as_bytes("ab"))}).has_value());
  CHECK_FALSE(control_type({}).has_value());
}

}  // namespace
}  // namespace highwater::records
