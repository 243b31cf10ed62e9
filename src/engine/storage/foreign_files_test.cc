// Files that older Kafkas wrote, or that something else than a crash of ours left.
#include <doctest/doctest.h>
#include <zlib.h>

#include "engine/storage/test_store.h"
#include "protocol/records/big_endian.h"
#include "protocol/records/control_records.h"

namespace highwater::engine {
namespace {

using records::store_be;

// One entry of magic 0 or 1 without key.
std::vector<std::uint8_t> legacy_entry(std::int8_t magic, Offset offset, std::int64_t timestamp,
                                       std::string_view value) {
  std::vector<std::uint8_t> entry(18 + (magic == 1 ? 8 : 0) + 4 + 4 + value.size());
  store_be<std::int64_t>(entry.data(), offset);
  store_be<std::int32_t>(entry.data() + 8, static_cast<std::int32_t>(entry.size() - 12));
  entry[16] = static_cast<std::uint8_t>(magic);
  std::size_t at = 18;
  if (magic == 1) {
    store_be<std::int64_t>(entry.data() + at, timestamp);
    at += 8;
  }
  store_be<std::int32_t>(entry.data() + at, -1);
  store_be<std::int32_t>(entry.data() + at + 4, static_cast<std::int32_t>(value.size()));
  std::ranges::copy(value, entry.begin() + static_cast<std::ptrdiff_t>(at + 8));
  const auto checksum = crc32_z(0, entry.data() + 16, entry.size() - 16);
  store_be<std::uint32_t>(entry.data() + 12, static_cast<std::uint32_t>(checksum));
  return entry;
}

constexpr const char* first_segment = "/log/00000000000000000000.log";

void make_log(Machine& machine, const std::vector<std::vector<std::uint8_t>>& entries) {
  REQUIRE(machine.disk().make_directories("/log").has_value());
  REQUIRE(machine.disk().open(first_segment, io::OpenMode::create).has_value());
  for (const auto& entry : entries) add_bytes(machine, first_segment, as_text(entry));
}

// Offsets 0-9 in magic 0, 10-39 in magic 1 with timestamps 1010, 1020, ...
std::vector<std::vector<std::uint8_t>> legacy_log() {
  std::vector<std::vector<std::uint8_t>> entries;
  for (Offset at = 0; at < 40; ++at)
    entries.push_back(
        legacy_entry(at < 10 ? 0 : 1, at, 1000 + 10 * at, std::string(100, static_cast<char>('a' + at % 26))));
  return entries;
}

io::Task<void> check_legacy(StoreProgram& p, Offset end) {
  CHECK(p.store.end() == end);
  co_await check_all(p, 0, end);
  ReadLimits limits;
  limits.from = 7;
  limits.upper = end;
  limits.max_bytes = 1;
  limits.first = ReadLimits::FirstBatch::whole;
  auto read = co_await p.store.read(limits);
  REQUIRE(read.has_value());
  const std::vector<std::uint8_t> wanted = legacy_log()[7];
  CHECK(std::ranges::equal(read->slices.front().view(), wanted));
  auto found = co_await p.store.find_by_time(1225, end);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->offset == 23);
  CHECK((*found)->timestamp == 1230);
}

io::Task<void> recover_legacy(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(opened->recovered_segments == 1);
  co_await check_legacy(p, 40);
  auto largest = co_await p.store.find_largest_time();
  REQUIRE(largest.has_value());
  REQUIRE(largest->has_value());
  CHECK((*largest)->offset == 39);
  p.append(5);
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
}

io::Task<void> open_legacy_cleanly(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  CHECK(opened->recovered_segments == 0);
  co_await check_legacy(p, 45);
}

TEST_CASE("a log of magic 0 and 1 is recovered, indexed, read as it is, and goes on in magic 2") {
  Box box;
  make_log(box.machine, legacy_log());
  run(box.machine, recover_legacy);
  run(box.machine, open_legacy_cleanly);
}

io::Task<void> recover_forty(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(opened->truncated_bytes != 0);
  co_await check_legacy(p, 40);
}

TEST_CASE("a damaged entry of magic 1 ends the log where it begins") {
  Box box;
  auto entries = legacy_log();
  entries.push_back(legacy_entry(1, 40, 5, "damaged"));
  entries.back().back() ^= 1;
  make_log(box.machine, entries);
  run(box.machine, recover_forty);
}

TEST_CASE("the zeros of a preallocated segment are cut") {
  Box box;
  auto entries = legacy_log();
  entries.emplace_back(3000);
  make_log(box.machine, entries);
  run(box.machine, recover_forty);
}

// Three transactions of one batch each, the second one aborted.
io::Task<void> write_transactions(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  for (std::int32_t i = 0; i < 3; ++i) {
    records::BatchOptions options;
    options.base_offset = p.store.end();
    options.leader_epoch = 0;
    options.producer_id = 9;
    options.producer_epoch = 0;
    options.base_sequence = i;
    options.transactional = true;
    records::NewRecord record;
    record.timestamp = p.reactor.wall_now().ms;
    record.value = records::Nullable::of(as_bytes("value"));
    p.add(records::single_record_batch(options, record));
    options.base_offset = p.store.end();
    const auto outcome = i == 1 ? records::ControlType::abort : records::ControlType::commit;
    p.add(records::end_txn_batch(options, outcome, 0, record.timestamp));
  }
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
}

const std::vector<AbortedTxn> second_aborted{{9, 2, 3, 4}};

io::Task<void> find_aborted(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  CHECK(p.store.aborted_between(0, 6) == second_aborted);
}

TEST_CASE("an index of aborted transactions that is none is made anew after a clean stop too") {
  Box box;
  run(box.machine, write_transactions, {});
  const char* path = "/log/00000000000000000000.txnindex";
  const std::string written = *box.machine.disk().content(path);
  run(box.machine, find_aborted, {});
  for (const std::string_view damage : {"torn", ""}) {
    REQUIRE(box.machine.disk().open(path, io::OpenMode::create_truncate).has_value());
    add_bytes(box.machine, path, damage.empty() ? std::string(written.size(), '\x7f') : written + std::string(damage));
    run(box.machine, find_aborted, {});
    CHECK(box.machine.disk().content(path) == written);
  }
}

io::Task<void> truncate_below_abort(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  auto cut = co_await p.store.truncate_to(3);
  REQUIRE(cut.has_value());
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
}

io::Task<void> find_no_aborted(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  CHECK(p.store.aborted_between(0, 3).empty());
}

TEST_CASE("a transaction whose marker was cut away is no aborted one after a stop either") {
  Box box;
  run(box.machine, write_transactions, {});
  run(box.machine, truncate_below_abort, {});
  run(box.machine, find_no_aborted, {});
}

}  // namespace
}  // namespace highwater::engine
