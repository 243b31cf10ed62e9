#include <doctest/doctest.h>

#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "engine/storage/segment_index.h"
#include "engine/storage/txn_index.h"

namespace highwater::engine {
namespace {

TEST_CASE("file names carry twenty digits and a suffix") {
  CHECK(offset_file_name(42, suffix::log) == "00000000000000000042.log");
  const auto parsed = parse_offset_file_name("00000000000000000042.log.deleted");
  REQUIRE(parsed.has_value());
  CHECK(parsed->offset == 42);
  CHECK(parsed->suffix == ".log.deleted");
  CHECK_FALSE(parse_offset_file_name("42.log").has_value());
  CHECK_FALSE(parse_offset_file_name("99999999999999999999.log").has_value());
  CHECK_FALSE(parse_offset_file_name("00000000000000000042-0000000001.checkpoint").has_value());
}

TEST_CASE("partition directories end with a dash and a number") {
  const auto parsed = parse_partition_directory("my-topic-12");
  REQUIRE(parsed.has_value());
  CHECK(parsed->topic == "my-topic");
  CHECK(parsed->index == 12);
  CHECK_FALSE(parse_partition_directory("topic-1.0123-delete").has_value());
  CHECK_FALSE(parse_partition_directory("topic-99999999999").has_value());
  CHECK_FALSE(parse_partition_directory("-1").has_value());
}

TEST_CASE("a retired directory's name fits a directory entry") {
  const std::string name =
      retired_directory_name(std::string(249, 't'), 123, Uuid::from_halves(1, 2), Retired::deleted);
  CHECK(name.size() == directory_name_max);
  CHECK(is_deleted_directory(name));
  CHECK(retired_directory_name("t", 0, Uuid::from_halves(1, 2), Retired::stray) ==
        "t-0.00000000000000010000000000000002-stray");
}

TEST_CASE("an offset checkpoint is read as it was written") {
  const OffsetsByName offsets{{{"a", 0}, 5}, {{"a", 1}, 0}, {{"b c", 3}, 77}};
  const std::string text = offset_checkpoint_text(offsets);
  CHECK(text == "0\n3\na 0 5\na 1 0\nb c 3 77\n");
  CHECK(parse_offset_checkpoint(text) == offsets);
}

TEST_CASE("a damaged offset checkpoint is refused") {
  for (const char* text : {"", "1\n0\n", "0\n", "0\n2\na 0 5\n", "0\n1\na 5\n", "0\n1\na x 5\n", "0\n-1\n"})
    CHECK_FALSE(parse_offset_checkpoint(text).has_value());
}

TEST_CASE("partition.metadata is read with and without a last newline") {
  const Uuid id = Uuid::from_halves(3, 4);
  CHECK(parse_partition_metadata(partition_metadata_text(id)) == id);
  CHECK(parse_partition_metadata(partition_metadata_text(id) + "\n") == id);
  CHECK(parse_partition_metadata("version: 1\ntopic_id: AAAAAAAAAAMAAAAAAAAABA").has_value());
  CHECK_FALSE(parse_partition_metadata("version: -1\ntopic_id: AAAAAAAAAAMAAAAAAAAABA").has_value());
  CHECK_FALSE(parse_partition_metadata("version: x\ntopic_id: AAAAAAAAAAMAAAAAAAAABA").has_value());
  CHECK_FALSE(parse_partition_metadata("version: 0").has_value());
}

TEST_CASE("the clean shutdown marker carries the broker epoch") {
  CHECK(parse_clean_shutdown(clean_shutdown_text(12)) == 12);
  CHECK_FALSE(parse_clean_shutdown("{}").has_value());
  CHECK_FALSE(parse_clean_shutdown("").has_value());
}

TEST_CASE("an offset index finds the last entry at or below") {
  OffsetIndex index(100);
  CHECK(index.lookup(500) == OffsetPosition{100, 0});
  index.append(110, 5000);
  index.append(120, 9000);
  index.append(120, 9500);
  CHECK(index.size() == 2);
  CHECK(index.lookup(109) == OffsetPosition{100, 0});
  CHECK(index.lookup(110) == OffsetPosition{110, 5000});
  CHECK(index.lookup(119) == OffsetPosition{110, 5000});
  CHECK(index.lookup(999) == OffsetPosition{120, 9000});
  OffsetIndex copy(100);
  CHECK(copy.decode(index.encode(0), 10'000));
  CHECK(copy.lookup(119) == OffsetPosition{110, 5000});
  CHECK_FALSE(copy.decode(index.encode(0), 8000));
  index.truncate_to(120);
  CHECK(index.last() == OffsetPosition{110, 5000});
}

TEST_CASE("an index with a zero-filled rest is read up to the zeros") {
  OffsetIndex index(0);
  index.append(7, 100);
  std::vector<std::uint8_t> bytes = index.encode(0);
  bytes.resize(80);
  OffsetIndex read(0);
  CHECK(read.decode(bytes, 1000));
  CHECK(read.size() == 1);
}

TEST_CASE("a time index keeps rising timestamps only") {
  TimeIndex index(10);
  index.maybe_append({1000, 12});
  index.maybe_append({900, 14});
  index.maybe_append({1000, 16});
  index.maybe_append({1100, 18});
  CHECK(index.size() == 2);
  CHECK(index.lookup(999) == TimestampOffset{-1, 10});
  CHECK(index.lookup(1050) == TimestampOffset{1000, 12});
  TimeIndex copy(10);
  CHECK(copy.decode(index.encode(0)));
  CHECK(copy.last() == TimestampOffset{1100, 18});
  index.truncate_to(18);
  CHECK(index.last() == TimestampOffset{1000, 12});
}

TEST_CASE("aborted transactions that touch the range are collected until one is beyond it") {
  TxnIndex index;
  index.append({1, 0, 9, 10});
  index.append({2, 5, 20, 21});
  index.append({3, 30, 40, 41});
  std::vector<AbortedTxn> found;
  CHECK(index.collect(10, 25, found) == TxnIndex::Search::complete);
  CHECK(found == std::vector<AbortedTxn>{{2, 5, 20, 21}});
  TxnIndex copy;
  CHECK(copy.decode(index.encode()));
  CHECK(copy.entries() == index.entries());
  CHECK_FALSE(copy.decode(ByteView(index.encode()).first(33)));
}

}  // namespace
}  // namespace highwater::engine
