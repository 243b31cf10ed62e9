// Lookups by time that are too long for the loop.
#include <doctest/doctest.h>

#include <string>

#include "engine/storage/test_store.h"
#include "foundation/crypto/crc32c.h"
#include "protocol/records/big_endian.h"

namespace highwater::engine {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The records as one block of an LZ4 frame with blocks of 4 MiB, stored as they are.
Bytes in_large_blocks(const Bytes& plain) {
  const ByteView records = ByteView(plain).subspan(records::batch_header_size);
  Bytes batch(plain.begin(), plain.begin() + records::batch_header_size);
  const std::uint8_t frame[] = {0x04, 0x22, 0x4D, 0x18, 0x60, 0x70, 0x73};
  batch.insert(batch.end(), std::begin(frame), std::end(frame));
  const std::uint32_t length = static_cast<std::uint32_t>(records.size()) | 0x8000'0000;
  for (unsigned shift = 0; shift < 32; shift += 8) batch.push_back(static_cast<std::uint8_t>(length >> shift));
  batch.insert(batch.end(), records.begin(), records.end());
  batch.insert(batch.end(), 4, 0);
  batch[records::header::attributes + 1] |= static_cast<std::uint8_t>(records::Codec::lz4);
  records::store_be(batch.data() + records::header::length,
                    static_cast<std::int32_t>(batch.size() - records::log_overhead));
  records::store_be(batch.data() + records::header::crc,
                    crypto::crc32c(ByteView(batch).subspan(records::header::attributes)));
  return batch;
}

constexpr int records_in_batch = 30;

int offloads = 0;

io::Task<void> find_in_large_blocks(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.append(3);
  records::BatchOptions options;
  options.base_offset = 3;
  records::BatchBuilder builder(options);
  for (int i = 0; i < records_in_batch; ++i) {
    records::NewRecord record;
    record.timestamp = 5000 + i;
    builder.append(record);
  }
  p.add(in_large_blocks(builder.finish()));
  auto flushed = co_await p.store.flush();
  REQUIRE(flushed.has_value());
  const Offset end = p.store.end();
  CHECK(end == 3 + records_in_batch);
  auto small = co_await p.store.find_by_time(1001, end);
  REQUIRE((small.has_value() && small->has_value()));
  CHECK((*small)->offset == 1);
  CHECK(offloads == 0);
  auto found = co_await p.store.find_by_time(5017, end);
  REQUIRE((found.has_value() && found->has_value()));
  CHECK((*found)->offset == 3 + 17);
  CHECK((*found)->timestamp == 5017);
  CHECK(offloads == 1);
  auto none = co_await p.store.find_by_time(6000, end);
  REQUIRE(none.has_value());
  CHECK_FALSE(none->has_value());
}

TEST_CASE("a batch whose blocks are large is searched by a worker") {
  Box box;
  offloads = 0;
  box.world.set_trace_sink([](const std::string& line) { offloads += line.contains(" offload ") ? 1 : 0; });
  run(box.machine, find_in_large_blocks);
}

io::Task<void> find_largest_of_none(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  auto nothing = co_await p.store.find_largest_time();
  REQUIRE(nothing.has_value());
  CHECK_FALSE(nothing->has_value());
  for (Offset at = 0; at < 30; ++at)
    p.add(records::single_record_batch({.base_offset = at}, {.timestamp = records::no_timestamp}));
  auto flushed = co_await p.store.flush();
  REQUIRE(flushed.has_value());
  auto first = co_await p.store.find_largest_time();
  REQUIRE((first.has_value() && first->has_value()));
  CHECK((*first)->offset == 0);
  CHECK((*first)->timestamp == records::no_timestamp);
}

TEST_CASE("where no record has a timestamp the first one has the largest, and an empty log has none") {
  Box box;
  run(box.machine, find_largest_of_none);
}

}  // namespace
}  // namespace highwater::engine
