#include <doctest/doctest.h>

#include "engine/storage/test_store.h"

namespace highwater::engine {
namespace {

constexpr std::size_t batch_value = 1000;
constexpr Offset batches = 2'000;

configs::TopicSettings one_segment() {
  configs::TopicSettings settings;
  settings.segment_bytes = 8 << 20;
  return settings;
}

ReadLimits large_read(Offset from, Offset upper) {
  ReadLimits limits;
  limits.from = from;
  limits.upper = upper;
  limits.max_bytes = 256 << 10;
  limits.may_stay_in_file = true;
  return limits;
}

Slice bytes_of(const FilePart& part) {
  return static_cast<const io::sim::SentInode&>(*part.file).inode->file.read(part.offset, part.length);
}

// The batches of a part of a file are whole, in order, and stay below the limit.
void check_part(const LogRead& read, const ReadLimits& limits) {
  REQUIRE(read.slices.empty());
  REQUIRE(read.file.length == read.bytes);
  CHECK(read.bytes <= limits.max_bytes);
  const Slice bytes = bytes_of(read.file);
  records::BatchScanner scanner(bytes.view());
  Offset next = limits.from;
  while (const auto batch = scanner.next()) {
    CHECK(log::facts_of(*batch).base_offset == next);
    next = log::facts_of(*batch).last_offset + 1;
  }
  CHECK(scanner.position() == bytes.size());
  CHECK(next <= limits.upper);
  CHECK(next <= read.next_offset + 1);
  CHECK(next + 8 > read.next_offset);
}

io::Task<void> read_large_runs(StoreProgram& p) {
  p.disk.conditions().cold_ppm = 0;
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  for (Offset i = 0; i < batches; i += 50) {
    p.append(50, 0, batch_value);
    auto flushed = co_await p.store.flush();
    REQUIRE(flushed.has_value());
  }
  // The tail in memory reaches back to the second half only.
  for (const Offset upper : {p.store.end(), Offset{700}}) {
    for (const Offset from : {Offset{0}, Offset{1}, Offset{33}, Offset{600}}) {
      const ReadLimits limits = large_read(from, upper);
      auto read = co_await p.store.read(limits);
      REQUIRE(read.has_value());
      check_part(*read, limits);
    }
  }
  // What the page cache does not hold is read the other way.
  p.disk.conditions().cold_ppm = 1'000'000;
  auto cold = co_await p.store.read(large_read(0, 700));
  REQUIRE(cold.has_value());
  CHECK(cold->file.file == nullptr);
  CHECK(cold->bytes > 200'000);
  auto little = co_await p.store.read(large_read(695, 700));
  REQUIRE(little.has_value());
  CHECK(little->file.file == nullptr);
  CHECK(little->next_offset == 700);
}

}  // namespace

TEST_CASE("a large read is a part of the file, cut at a batch and below the limit") {
  Box box;
  run(box.machine, read_large_runs, one_segment());
}

}  // namespace highwater::engine
