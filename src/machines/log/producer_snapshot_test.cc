#include "machines/log/producer_snapshot.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "foundation/crypto/crc32c.h"
#include "protocol/records/big_endian.h"

namespace highwater::log {
namespace {

BatchFacts data(ProducerId producer, std::int32_t sequence, Offset offset, BatchScope scope = BatchScope::plain) {
  return {.base_offset = offset,
          .last_offset = offset + 1,
          .max_timestamp = 1000,
          .producer_id = producer,
          .producer_epoch = 3,
          .base_sequence = sequence,
          .last_sequence = sequence + 1,
          .scope = scope,
          .marker = std::nullopt};
}

ProducerTable sample() {
  ProducerTable table;
  table.apply(data(9, 0, 0));
  table.apply(data(9, 2, 2));
  table.apply(data(4, 0, 4, BatchScope::transactional));
  return table;
}

constexpr std::int64_t day_ms = 86'400'000;

TEST_CASE("the bytes are version 1, the checksum of the rest, the count and 46 bytes a producer, in order of id") {
  const auto content = encode_snapshot(sample());
  REQUIRE(content.size() == 10 + 2 * 46);
  CHECK(records::load_be<std::int16_t>(content.data()) == 1);
  CHECK(records::load_be<std::uint32_t>(content.data() + 2) == crypto::crc32c(ByteView(content).subspan(6)));
  CHECK(records::load_be<std::int32_t>(content.data() + 6) == 2);
  const std::uint8_t* const first = content.data() + 10;
  CHECK(records::load_be<std::int64_t>(first) == 4);
  CHECK(records::load_be<std::int16_t>(first + 8) == 3);
  CHECK(records::load_be<std::int32_t>(first + 10) == 1);
  CHECK(records::load_be<std::int64_t>(first + 14) == 5);
  CHECK(records::load_be<std::int32_t>(first + 22) == 1);
  CHECK(records::load_be<std::int64_t>(first + 26) == 1000);
  CHECK(records::load_be<std::int32_t>(first + 34) == -1);
  CHECK(records::load_be<std::int64_t>(first + 38) == 4);
  CHECK(records::load_be<std::int64_t>(first + 46) == 9);
}

TEST_CASE("a snapshot made in steps is of the moment when it was begun, whoever comes, changes or goes meanwhile") {
  constexpr ProducerId count = 40;
  for (std::size_t step = 1; step < 50; step += 3) {
    ProducerTable table;
    for (ProducerId id = 0; id < count; ++id) table.apply(data(2 * id, 0, 2 * id));
    const auto wanted = encode_snapshot(table);
    SnapshotDraft draft(table);
    Offset end = 2 * count;
    for (ProducerId turn = 0; draft.step(table, step); ++turn) {
      for (const ProducerId id : {turn, 2 * count - turn, turn * 7 % (2 * count), 2 * turn + 1}) {
        table.apply(data(id, 0, end));
        table.apply(data(id, 2, end + 2));
        end += 4;
      }
      const std::vector<ProducerId> gone{2 * turn, count + turn, 2 * count - turn};
      CHECK(table.remove_expired(gone, {5000}, 1000) != 0);
    }
    const Slice content = draft.finish();
    CHECK(std::ranges::equal(content.view(), wanted));
    // The table itself is as if nobody had looked.
    CHECK(encode_snapshot(table).size() == 10 + 46 * table.size());
    SnapshotDraft next(table);
    const auto now = encode_snapshot(table);
    while (next.step(table, step)) table.apply(data(1, 4, end++));
    CHECK(std::ranges::equal(next.finish().view(), now));
  }
}

TEST_CASE("Apache's bytes for the same producers are ours") {
  // Written by org.apache.kafka.storage.internals.log.ProducerStateManager of 4.3.1.
  constexpr std::string_view hex =
      "0001c385b69600000002"
      "0000000000000004000300000001000000000000000500000001"
      "00000000000003e8ffffffff0000000000000004"
      "0000000000000009000300000003000000000000000300000001"
      "00000000000003e8ffffffffffffffffffffffff";
  std::string ours;
  for (const std::uint8_t byte : encode_snapshot(sample())) {
    constexpr std::string_view digits = "0123456789abcdef";
    ours += digits[byte >> 4];
    ours += digits[byte & 15];
  }
  CHECK(ours == hex);
}

TEST_CASE("after a restart the last batch of a producer is known, and open transactions are open") {
  ProducerTable table;
  REQUIRE(load_snapshot(encode_snapshot(sample()), 6, {2000}, day_ms, table).has_value());
  CHECK(table.end_offset() == 6);
  CHECK(table.size() == 2);
  CHECK(table.find_duplicate(data(9, 2, 50)).has_value());
  CHECK_FALSE(table.find_duplicate(data(9, 0, 50)).has_value());
  CHECK_FALSE(table.check(data(9, 4, 6), {}).has_value());
  CHECK(table.first_unstable_offset() == 4);
  CHECK(table.has_open_transaction(4, 3));
}

TEST_CASE("encoding what was loaded gives the same bytes") {
  const auto content = encode_snapshot(sample());
  ProducerTable table;
  REQUIRE(load_snapshot(content, 6, {2000}, day_ms, table).has_value());
  CHECK(encode_snapshot(table) == content);
}

TEST_CASE("producers that expired meanwhile are left out, unless in a transaction") {
  ProducerTable table;
  REQUIRE(load_snapshot(encode_snapshot(sample()), 6, {1000 + day_ms}, day_ms, table).has_value());
  CHECK(table.size() == 1);
  CHECK(table.find(4) != nullptr);
}

TEST_CASE("an empty table gives a snapshot of ten bytes that reads back") {
  const auto content = encode_snapshot(ProducerTable());
  CHECK(content.size() == 10);
  ProducerTable table;
  REQUIRE(load_snapshot(content, 77, {0}, day_ms, table).has_value());
  CHECK(table.size() == 0);
  CHECK(table.end_offset() == 77);
}

TEST_CASE("a cut, foreign or damaged snapshot is refused and leaves the table alone") {
  ProducerTable table = sample();
  const auto good = encode_snapshot(table);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(load_snapshot(ByteView(good).first(size), 0, {0}, day_ms, table).has_value());
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= 0x10;
    CHECK_FALSE(load_snapshot(bad, 0, {0}, day_ms, table).has_value());
  }
  CHECK(encode_snapshot(table) == good);
}

TEST_CASE("a count beyond the bytes is refused though the checksum is right") {
  auto content = encode_snapshot(sample());
  for (const std::int32_t count : {-1, 3, INT32_MAX}) {
    records::store_be(content.data() + 6, count);
    records::store_be(content.data() + 2, crypto::crc32c(ByteView(content).subspan(6)));
    ProducerTable table;
    CHECK(load_snapshot(content, 0, {0}, day_ms, table).error() == SnapshotError::bad_count);
  }
}

}  // namespace
}  // namespace highwater::log
