#include "engine/storage/log_store.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/storage/test_store.h"
#include "machines/log/producer_snapshot.h"
#include "protocol/records/big_endian.h"

namespace highwater::engine {
namespace {

// The index points below the offset that is asked for; with batches larger than its interval that is a whole batch.
io::Task<void> read_large_batches(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.append(16, 0, 8'000);
  auto flushed = co_await p.store.flush();
  REQUIRE(flushed.has_value());
  ReadLimits one;
  one.upper = 16;
  one.max_bytes = 1;
  one.first = ReadLimits::FirstBatch::whole;
  auto first = co_await p.store.read(one);
  REQUIRE(first.has_value());
  for (Offset from = 0; from < 12; ++from) {
    ReadLimits limits;
    limits.from = from;
    limits.upper = 16;
    limits.max_bytes = 4 * first->bytes;
    auto read = co_await p.store.read(limits);
    REQUIRE(read.has_value());
    CHECK(read->next_offset == from + 4);
  }
}

TEST_CASE("a read gets as many large batches as fit, wherever it begins") {
  Box box;
  configs::TopicSettings settings;
  settings.index_interval_bytes = 500;
  run(box.machine, read_large_batches, settings);
}

io::Task<void> truncate(StoreProgram& p) {
  co_await twenty_batches(p);
  auto cut = co_await p.store.truncate_to(12);
  CHECK(cut.has_value());
  CHECK(p.store.end() == 12);
  CHECK(p.store.durable_end() == 12);
  CHECK(p.store.admission().epochs().latest()->epoch == 2);
  p.append(3, 9);
  auto flushed = co_await p.store.flush();
  CHECK(flushed.has_value());
  co_await check_all(p, 0, 15);
  auto found = co_await p.store.find_largest_time();
  REQUIRE(found.has_value());
  CHECK((*found)->offset == 14);
}

TEST_CASE("a truncated log goes on at its new end") {
  Box box;
  run(box.machine, truncate);
}

io::Task<void> after_truncation(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 15);
  co_await check_all(p, 0, 15);
}

TEST_CASE("a truncated log survives a power cut") {
  Box box;
  run(box.machine, truncate);
  box.machine.power_cut();
  box.machine.boot();
  run(box.machine, after_truncation);
}

io::Task<void> advance(StoreProgram& p) {
  co_await twenty_batches(p);
  auto advanced = co_await p.store.advance_start(11);
  CHECK(advanced.has_value());
  CHECK(p.store.start() == 11);
  CHECK(p.store.first_segment_base() == 10);
  ReadLimits below;
  below.from = 10;
  below.upper = 20;
  below.max_bytes = 1000;
  auto read = co_await p.store.read(below);
  CHECK(read == std::unexpected(StoreError::out_of_range));
  co_await check_all(p, 11, 20);
  auto restarted = co_await p.store.restart_at(500);
  CHECK(restarted.has_value());
  CHECK(p.store.end() == 500);
  p.append(2, 9);
  auto flushed = co_await p.store.flush();
  CHECK(flushed.has_value());
  co_await check_all(p, 500, 502);
}

TEST_CASE("segments below the start go away and a log can begin anew elsewhere") {
  Box box;
  run(box.machine, advance);
  CHECK_FALSE(box.machine.disk().content("/log/00000000000000000000.log").has_value());
  CHECK(box.machine.disk().content("/log/00000000000000000500.log").has_value());
}

io::Task<void> page_cache(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.append(4);
  while (p.store.written_end() < 4) co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(1));
  CHECK(p.store.committed_end() == 4);
  CHECK(p.store.durable_end() == 0);
  CHECK(p.counters.syncs == 0);
  p.append(4);
  auto flushed = co_await p.store.flush();
  CHECK(flushed.has_value());
  CHECK(p.store.durable_end() == 8);
}

TEST_CASE("page-cache durability counts what is written and syncs only when asked") {
  Box box;
  configs::TopicSettings settings;
  settings.durability = configs::Durability::page_cache;
  run(box.machine, page_cache, settings);
}

io::Task<void> fails_to_sync(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.disk.conditions().sync_error_ppm = 1'000'000;
  p.append(1);
  auto flushed = co_await p.store.flush();
  CHECK(flushed == std::unexpected(StoreError::fenced));
  CHECK(p.listener.fenced);
  p.disk.conditions().sync_error_ppm = 0;
  auto again = co_await p.store.flush();
  CHECK(again == std::unexpected(StoreError::fenced));
  auto closed = co_await p.store.close();
  CHECK(closed == std::unexpected(StoreError::fenced));
}

TEST_CASE("a log that could not be synced stays fenced") {
  Box box;
  run(box.machine, fails_to_sync);
}

io::Task<void> opened_and_closed(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
  CHECK(p.counters.syncs == 0);
  CHECK(p.disk.content("/log/00000000000000000000.index") == "");
  CHECK(p.disk.content("/log/00000000000000000000.timeindex") == "");
  CHECK(p.disk.content("/log/leader-epoch-checkpoint") == "0\n0\n");
  CHECK_FALSE(p.disk.content("/log/00000000000000000000.snapshot").has_value());
}

io::Task<void> closed_with_nothing_to_write(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  std::vector<io::NewFile> last;
  auto closed = co_await p.store.close_but_for(last);
  CHECK(closed.has_value());
  CHECK(last.empty());
}

TEST_CASE("closing a log that nothing was written to writes what Kafka expects, and only once") {
  Box box;
  run(box.machine, opened_and_closed);
  run(box.machine, closed_with_nothing_to_write);
}

io::Task<void> closed_after_no_append(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  std::vector<io::NewFile> last;
  auto closed = co_await p.store.close_but_for(last);
  CHECK(closed.has_value());
  REQUIRE(last.size() == 1);
  CHECK(last.front().path == "/log/00000000000000000020.snapshot");
}

TEST_CASE("closing a log that was only read leaves its indexes and epochs alone") {
  Box box;
  run(box.machine, twenty_batches_closed);
  run(box.machine, closed_after_no_append);
}

io::Task<void> runs_out_of_space(StoreProgram& p) {
  co_await twenty_batches(p);
  const std::uint64_t capacity = p.disk.conditions().capacity;
  p.disk.conditions().capacity = p.disk.used() + 2000;
  p.append(12, 5);
  auto flushed = co_await p.store.flush();
  CHECK(flushed == std::unexpected(StoreError::rolled_back));
  CHECK(p.listener.rolled_back == p.store.written_end());
  while (!p.store.ready()) co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(1));
  const Offset end = p.store.end();
  CHECK(end == p.listener.rolled_back);
  // What was written before becomes durable without another append.
  co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(100));
  CHECK(p.store.durable_end() == end);
  CHECK(end < 32);
  co_await check_all(p, 0, end);
  p.disk.conditions().capacity = capacity;
  p.append(12, 6);
  auto again = co_await p.store.flush();
  CHECK(again.has_value());
  co_await check_all(p, 0, end + 12);
}

io::Task<void> look_again(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(20));
  REQUIRE(opened.has_value());
  CHECK(opened->truncated_bytes == 0);
  co_await check_all(p, 0, p.store.end());
}

TEST_CASE("without space the log is cut back to what was written and goes on later") {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    Box box(seed);
    run(box.machine, runs_out_of_space);
    run(box.machine, look_again);
  }
}

io::Task<void> asks_again_and_again(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.disk.conditions().capacity = p.disk.used();
  for (int i = 0; i < 110; ++i) {
    p.append(1);
    auto flushed = co_await p.store.flush();
    CHECK(flushed == std::unexpected(StoreError::rolled_back));
    co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(100));
    while (!p.store.ready()) co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(1));
  }
  REQUIRE(p.errors.lines.size() == 2);
  CHECK(p.errors.lines[0].starts_with("Appending to /log failed: "));
  CHECK(p.errors.lines[1].starts_with("Appending to /log failed, and "));
}

TEST_CASE("a full disk is told of every ten seconds, not at each attempt") {
  Box box;
  run(box.machine, asks_again_and_again);
}

io::Task<void> begin_to_run_out_of_space(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.append(2);
  auto flushed = co_await p.store.flush();
  CHECK(flushed.has_value());
  p.disk.conditions().capacity = p.disk.used() + 900;
  p.append(3);
  co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_seconds(5));
}

io::Task<void> find_two(StoreProgram& p) {
  p.disk.conditions().capacity = 1ull << 40;
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 2);
}

TEST_CASE("who hears that an append was taken back finds it absent also after a power cut") {
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    Box box(seed);
    Process& process = box.machine.start({}, [](Process& started) -> std::unique_ptr<Program> {
      auto program = std::make_unique<StoreProgram>(started, configs::TopicSettings{});
      program->tasks.spawn(begin_to_run_out_of_space(*program));
      return program;
    });
    const auto& heard = static_cast<StoreProgram*>(process.program())->listener.rolled_back;
    for (int i = 0; i < 100'000 && heard == no_offset; ++i) box.world.run_for(Duration::from_us(10));
    REQUIRE(heard == 2);
    box.machine.power_cut();
    box.machine.boot();
    run(box.machine, find_two);
  }
}

io::Task<void> fails_to_write_epochs(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  p.append(5);
  auto flushed = co_await p.store.flush();
  REQUIRE(flushed.has_value());
  // Everything of the segment is on the disk, and only the epochs are in the way of the next one.
  REQUIRE(p.disk.make_directories("/log/leader-epoch-checkpoint.tmp").has_value());
  p.append(3, 1);
  auto failed = co_await p.store.flush();
  CHECK(failed == std::unexpected(StoreError::fenced));
  CHECK(p.listener.fenced);
  CHECK(p.listener.rolled_back == no_offset);
}

TEST_CASE("epochs that cannot be written for another reason than space fence the log") {
  Box box;
  run(box.machine, fails_to_write_epochs);
}

io::Task<void> reopen_and_find_all(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  REQUIRE(p.store.end() == 20);
  co_await check_all(p, 0, 20);
  for (std::int64_t time = 1000; time < 1020; ++time) {
    auto found = co_await p.store.find_by_time(time, 20);
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    CHECK((*found)->offset == time - 1000);
  }
  auto largest = co_await p.store.find_largest_time();
  REQUIRE(largest.has_value());
  REQUIRE(largest->has_value());
  CHECK((*largest)->offset == 19);
}

TEST_CASE("a closed log whose index is not of this log is opened with a new one") {
  for (const char* kind : {".index", ".timeindex"}) {
    const std::size_t entry = kind == std::string_view(".index") ? 8 : 12;
    for (std::size_t byte = 0; byte < entry; ++byte) {
      for (const int bit : {0, 5}) {
        Box box;
        run(box.machine, twenty_batches_closed);
        const std::string path = std::string("/log/00000000000000000015") + kind;
        const auto before = box.machine.disk().content(path);
        REQUIRE(before->size() >= entry);
        REQUIRE(box.machine.disk().flip_bit(path, before->size() - entry + byte, bit));
        CAPTURE(kind);
        CAPTURE(byte);
        CAPTURE(bit);
        run(box.machine, reopen_and_find_all);
      }
    }
  }
}

io::Task<void> reopen_and_read_all(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  co_await check_all(p, 0, 20);
}

TEST_CASE("an index of a sealed segment that points astray hides no record") {
  const std::string path = "/log/00000000000000000005.index";
  for (std::size_t byte = 0; byte < 16; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      Box box;
      run(box.machine, twenty_batches_closed);
      if (byte >= box.machine.disk().content(path)->size()) return;
      REQUIRE(box.machine.disk().flip_bit(path, byte, bit));
      CAPTURE(byte);
      CAPTURE(bit);
      run(box.machine, reopen_and_read_all);
    }
  }
}

int disk_reads = 0;

io::Task<void> count_reads(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  co_await check_all(p, 0, 20);
  disk_reads = 0;
  co_await check_all(p, 8, 9);
  CHECK(disk_reads == 2);
}

TEST_CASE("a read from a file looks once at the batch that the index names") {
  Box box;
  run(box.machine, twenty_batches_closed);
  box.world.set_trace_sink([](const std::string& line) { disk_reads += line.contains(" disk_read ") ? 1 : 0; });
  run(box.machine, count_reads);
}

std::vector<std::string> snapshots_of(Machine& machine) {
  std::vector<std::string> names;
  auto listed = machine.disk().list("/log");
  REQUIRE(listed.has_value());
  for (const io::DirectoryEntry& entry : *listed)
    if (entry.name.ends_with(".snapshot")) names.push_back(entry.name);
  return names;
}

io::Task<void> add_one_and_close(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  p.append(1, 4, 10);
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
}

TEST_CASE("clean stops leave the producer snapshots of segments and the newest, not one each") {
  Box box;
  run(box.machine, twenty_batches_closed);
  for (int i = 0; i < 4; ++i) run(box.machine, add_one_and_close, configs::TopicSettings{});
  const std::vector<std::string> left = snapshots_of(box.machine);
  REQUIRE(left.size() == 5);
  CHECK(left[0] == "00000000000000000005.snapshot");
  CHECK(left[2] == "00000000000000000015.snapshot");
  CHECK(left[3] == "00000000000000000023.snapshot");
  CHECK(left[4] == "00000000000000000024.snapshot");
  run(box.machine, add_one_and_close, configs::TopicSettings{});
  CHECK(snapshots_of(box.machine).size() == 5);
}

// Set per run: when the start moves.
Duration pause;

io::Task<void> move_start(StoreProgram& p) {
  co_await p.reactor.sleep_until(p.reactor.now() + pause);
  for (const Offset to : {Offset{5}, Offset{10}}) {
    auto advanced = co_await p.store.advance_start(to);
    CHECK(advanced.has_value());
  }
}

io::Task<void> look_up_while_the_start_moves(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  p.tasks.spawn(move_start(p));
  auto found = co_await p.store.find_by_time(1012, 20);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->offset == 12);
  auto largest = co_await p.store.find_largest_time();
  REQUIRE(largest.has_value());
  REQUIRE(largest->has_value());
  CHECK((*largest)->offset == 19);
}

TEST_CASE("a lookup goes on while the segment that it loads goes away") {
  for (std::int64_t us = 0; us < 1500; us += 50) {
    Box box;
    run(box.machine, twenty_batches_closed);
    pause = Duration::from_us(us);
    run(box.machine, look_up_while_the_start_moves);
  }
}

std::vector<std::uint8_t> batch_of(ProducerId producer, Offset offset) {
  records::BatchOptions options;
  options.base_offset = offset;
  options.producer_id = producer;
  options.producer_epoch = 0;
  options.base_sequence = 0;
  return records::single_record_batch(options, {.timestamp = 1000, .value = records::Nullable::of(as_bytes("v"))});
}

// Segments end while batches of new producers, and of old ones, keep coming.
io::Task<void> roll_with_many_producers(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  for (Offset at = 0; at < 5000; ++at) {
    p.add(batch_of(at < 4000 ? at : at - 4000, at));
    if (at % 50 == 0) co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(1));
  }
  auto flushed = co_await p.store.flush();
  REQUIRE(flushed.has_value());
  CHECK(p.store.segment_count() > 10);
}

// The disk is full when a segment begins whose snapshot is not made yet, and later it is not.
io::Task<void> roll_without_space(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  const std::uint64_t capacity = p.disk.conditions().capacity;
  const auto add_producer = [&p] { p.add(batch_of(p.store.end(), p.store.end())); };
  for (int times = 0; times < 6; ++times) {
    while (p.store.end() < Offset{2500} * (times + 1)) {
      add_producer();
      if (p.store.end() % 50 == 0) co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(1));
    }
    auto flushed = co_await p.store.flush();
    REQUIRE(flushed.has_value());
    const std::size_t segments = p.store.segment_count();
    p.disk.conditions().capacity = p.disk.used() + static_cast<std::uint64_t>(times) * 4000;
    while (p.store.segment_count() < segments + 1 + static_cast<std::size_t>(times % 2)) add_producer();
    flushed = co_await p.store.flush();
    CHECK(flushed == std::unexpected(StoreError::rolled_back));
    while (!p.store.ready()) co_await p.reactor.sleep_until(p.reactor.now() + Duration::from_ms(1));
    p.disk.conditions().capacity = capacity;
  }
  auto closed = co_await p.store.close();
  CHECK(closed.has_value());
}

TEST_CASE("a segment that finds no space takes the snapshot that is being made for it along") {
  Box box;
  auto settings = small_segments();
  settings.segment_bytes = 20'000;
  run(box.machine, roll_without_space, settings);
}

std::int64_t last_offset_in(const std::string& snapshot) {
  std::int64_t last = -1;
  for (std::size_t at = 10; at + 46 <= snapshot.size(); at += 46)
    last = std::max(last, records::load_be<std::int64_t>(as_bytes(snapshot).data() + at + 14));
  return last;
}

TEST_CASE("the snapshot of a new segment is of its first offset, also with more producers than one step encodes") {
  Box box;
  auto settings = small_segments();
  settings.segment_bytes = 20'000;
  run(box.machine, roll_with_many_producers, settings);
  const auto listed = box.machine.disk().list("/log");
  REQUIRE(listed.has_value());
  int large = 0;
  for (const io::DirectoryEntry& entry : *listed) {
    if (!entry.name.ends_with(".snapshot")) continue;
    const Offset base = std::stoll(entry.name);
    const std::string content = *box.machine.disk().content("/log/" + entry.name);
    CHECK(content.size() == 10 + 46 * static_cast<std::size_t>(std::min<Offset>(base, 4000)));
    CHECK(last_offset_in(content) == base - 1);
    log::ProducerTable table;
    CHECK(log::load_snapshot(as_bytes(content), base, {1000}, 86'400'000, table).has_value());
    if (base > 1000) ++large;
  }
  CHECK(large > 5);
}

}  // namespace
}  // namespace highwater::engine
