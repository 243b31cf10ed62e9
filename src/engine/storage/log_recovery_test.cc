// Opening a log after a stop, a crash or damage: what is recovered, cleaned up, cut or refused.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "engine/storage/log_store.h"
#include "engine/storage/test_store.h"

namespace highwater::engine {
namespace {

TEST_CASE("several segments survive a crash and are recovered from the recovery point") {
  Box box;
  run(box.machine, twenty_batches);
  run(box.machine, reopen_unclean);
}

TEST_CASE("a closed log is opened without recovery") {
  Box box;
  run(box.machine, twenty_batches_closed);
  run(box.machine, reopen_clean);
}

TEST_CASE("indexes that went missing are made anew when somebody looks something up") {
  Box box;
  run(box.machine, twenty_batches_closed);
  const auto before = box.machine.disk().content("/log/00000000000000000005.index");
  for (const char* base : {"00000000000000000000", "00000000000000000005"})
    for (const char* kind : {".index", ".timeindex"})
      REQUIRE(box.machine.disk().remove(std::string("/log/") + base + kind).has_value());
  run(box.machine, reopen_clean);
  CHECK(box.machine.disk().content("/log/00000000000000000005.index") == before);
}

io::Task<void> reopen_with_junk(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(20));
  REQUIRE(opened.has_value());
  CHECK(opened->truncated_bytes == 100);
  CHECK(p.store.end() == 20);
  p.append(1, 7);
  auto flushed = co_await p.store.flush();
  CHECK(flushed.has_value());
  co_await check_all(p, 0, 21);
}

TEST_CASE("junk behind the recovery point is cut") {
  for (const std::string& junk : {std::string(100, '\0'), std::string(100, 'j')}) {
    Box box;
    run(box.machine, twenty_batches);
    add_bytes(box.machine, "/log/00000000000000000015.log", junk);
    run(box.machine, reopen_with_junk);
  }
}

io::Task<void> refuse_damage(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(20));
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().cause == OpenFailure::Cause::damage);
  CHECK(opened.error().text.find("/log/00000000000000000015.log") != std::string::npos);
  CHECK(opened.error().text.find("byte 370 (wrong checksum)") != std::string::npos);
}

TEST_CASE("a torn index of aborted transactions above the recovery point is made anew") {
  Box box;
  run(box.machine, twenty_batches);
  const char* path = "/log/00000000000000000005.txnindex";
  REQUIRE(box.machine.disk().open(path, io::OpenMode::create_truncate).has_value());
  add_bytes(box.machine, path, "torn");
  run(box.machine, reopen_unclean);
}

std::map<std::string, std::string> files_of_log(io::sim::Disk& disk) {
  std::map<std::string, std::string> files;
  const auto listed = disk.list("/log");
  REQUIRE(listed.has_value());
  for (const io::DirectoryEntry& entry : *listed) files[entry.name] = *disk.content("/log/" + entry.name);
  return files;
}

TEST_CASE("of a log that is damaged below its recovery point no file changes: it stays closed and says where") {
  Box box;
  run(box.machine, twenty_batches);
  const std::string path = "/log/00000000000000000015.log";
  const std::string content = *box.machine.disk().content(path);
  REQUIRE(content.size() == 5 * 370);
  REQUIRE(box.machine.disk().flip_bit(path, 370 + 100, 3));
  for (const char* other : {"/log/00000000000000000015.txnindex", "/log/00000000000000000020.snapshot"}) {
    REQUIRE(box.machine.disk().open(other, io::OpenMode::create_truncate).has_value());
    add_bytes(box.machine, other, "of the damaged log");
  }
  const auto before = files_of_log(box.machine.disk());
  REQUIRE(before.size() >= 6);
  run(box.machine, refuse_damage);
  CHECK(files_of_log(box.machine.disk()) == before);
}

void cut_file(Machine& machine, const std::string& path, std::uint64_t size) {
  auto inode = machine.disk().open(path, io::OpenMode::read_write);
  REQUIRE(inode.has_value());
  REQUIRE(machine.disk().truncate(**inode, size).has_value());
}

constexpr OpenPlan flushed_to(Offset point, Offset start = 0) { return {.recovery_point = point, .log_start = start}; }
constexpr OpenPlan closed_at(Offset point, Offset start = 0) {
  return {.was_closed_cleanly = true, .recovery_point = point, .log_start = start};
}

template <OpenPlan plan>
io::Task<void> refuse_lost_end(StoreProgram& p) {
  auto opened = co_await p.store.open(plan);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().cause == OpenFailure::Cause::damage);
  CHECK(opened.error().text.find("although everything below 20 was flushed") != std::string::npos);
}

template <OpenPlan plan, Offset end>
io::Task<void> open_with_end(StoreProgram& p) {
  auto opened = co_await p.store.open(plan);
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == end);
}

TEST_CASE("a log whose last batches are gone below the recovery point is damaged, although what is left is whole") {
  Box box;
  run(box.machine, twenty_batches_closed);
  cut_file(box.machine, "/log/00000000000000000015.log", 2 * 370);
  const auto before = files_of_log(box.machine.disk());
  run(box.machine, refuse_lost_end<flushed_to(20)>);
  run(box.machine, refuse_lost_end<closed_at(20)>);
  run(box.machine, refuse_lost_end<flushed_to(20, 19)>);
  CHECK(files_of_log(box.machine.disk()) == before);
  run(box.machine, open_with_end<flushed_to(17), 17>);
}

TEST_CASE("what is gone below the start of a log is missed by nobody") {
  for (const Script script : {&open_with_end<flushed_to(20, 20), 20>, &open_with_end<closed_at(20, 20), 20>}) {
    Box box;
    run(box.machine, twenty_batches_closed);
    cut_file(box.machine, "/log/00000000000000000015.log", 2 * 370);
    run(box.machine, script);
  }
}

TEST_CASE("a log whose files are all gone is damaged when something of it was flushed") {
  Box box;
  REQUIRE(box.machine.disk().make_directories("/log").has_value());
  run(box.machine, refuse_lost_end<flushed_to(20)>);
  run(box.machine, refuse_lost_end<closed_at(20)>);
  run(box.machine, open_with_end<flushed_to(20, 20), 20>);
}

io::Task<void> refuse_lost_segment(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(12));
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().cause == OpenFailure::Cause::damage);
}

TEST_CASE("a missing segment that holds the recovery point is damage, unless compaction may have emptied it") {
  Box box;
  run(box.machine, twenty_batches);
  REQUIRE(box.machine.disk().remove("/log/00000000000000000010.log").has_value());
  run(box.machine, refuse_lost_segment);
  auto compacted = small_segments();
  compacted.cleanup_compact = true;
  run(box.machine, open_with_end<flushed_to(12), 20>, compacted);
}

io::Task<void> cut_at_damage(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(7));
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 12);
  CHECK(p.store.segment_count() == 3);
  co_await check_all(p, 0, 12);
}

TEST_CASE("damage above the recovery point ends the log there, also when more segments follow") {
  Box box;
  run(box.machine, twenty_batches);
  REQUIRE(box.machine.disk().flip_bit("/log/00000000000000000010.log", 2 * 370 + 100, 0));
  run(box.machine, cut_at_damage);
  CHECK_FALSE(box.machine.disk().content("/log/00000000000000000015.log").has_value());
}

io::Task<void> go_on_at_five(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 5);
  p.append(2, 9);
  auto closed = co_await p.store.close();
  REQUIRE(closed.has_value());
}

io::Task<void> read_seven(StoreProgram& p) {
  auto opened = co_await p.store.open(clean());
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 7);
  co_await check_all(p, 0, 7);
}

TEST_CASE("however many empty segments lie behind the end, the log goes on in one that begins at or below it") {
  Box box;
  run(box.machine, twenty_batches);
  for (const char* base : {"05", "10", "15"})
    cut_file(box.machine, std::string("/log/000000000000000000") + base + ".log", 0);
  run(box.machine, go_on_at_five);
  run(box.machine, read_seven);
}

io::Task<void> close_at_three(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 3);
  CHECK(p.store.segment_count() == 1);
  auto closed = co_await p.store.close();
  REQUIRE(closed.has_value());
}

TEST_CASE("a segment that becomes the last one again keeps its index, however little memory there is for indexes") {
  Box box;
  run(box.machine, twenty_batches);
  const std::string path = "/log/00000000000000000000";
  const std::string index = *box.machine.disk().content(path + ".index");
  cut_file(box.machine, path + ".log", 3 * 370);
  for (const char* base : {"05", "10", "15"})
    cut_file(box.machine, std::string("/log/000000000000000000") + base + ".log", 0);
  run(box.machine, close_at_three, small_segments(), 1);
  CHECK(box.machine.disk().content(path + ".index") == index.substr(0, 8));
}

io::Task<void> read_what_is_lost(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(14));
  REQUIRE(opened.has_value());
  co_await check_all(p, 0, 7);
  ReadLimits limits;
  limits.from = 7;
  limits.upper = 20;
  limits.max_bytes = 4096;
  auto lost = co_await p.store.read(limits);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error() == StoreError::unreadable);
  CHECK(p.store.ready());
  co_await check_all(p, 10, 20);
}

TEST_CASE("a reader of a segment that lost its end below the recovery point hears so and does not wait for ever") {
  for (const std::uint64_t left_of_batch : {1u, 11u, 12u, 100u, 369u}) {
    Box box;
    run(box.machine, twenty_batches);
    cut_file(box.machine, "/log/00000000000000000005.log", 2 * 370 + left_of_batch);
    run(box.machine, read_what_is_lost);
  }
}

io::Task<void> read_first_again_and_again(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(14));
  REQUIRE(opened.has_value());
  for (int times = 0; times < 3; ++times) {
    co_await check_all(p, 0, 1);
    ReadLimits limits;
    limits.from = 1;
    limits.upper = 20;
    limits.max_bytes = 4096;
    for (limits.from = 1; limits.from < 5; ++limits.from) {
      auto lost = co_await p.store.read(limits);
      static_cast<void>(lost);
    }
    auto by_time = co_await p.store.find_by_time(1005, 20);
    CHECK(by_time.has_value());
  }
}

TEST_CASE("what looks like entries of old formats in a damaged segment hides no batch before it") {
  Box box;
  run(box.machine, twenty_batches);
  const char* path = "/log/00000000000000000000.log";
  const std::string content = *box.machine.disk().content(path);
  cut_file(box.machine, path, 383);
  add_bytes(box.machine, path, content.substr(383, 3) + content.substr(383));
  run(box.machine, read_first_again_and_again);
}

TEST_CASE("a reader of bytes that are no batch hears so and does not look for ever") {
  Box box;
  run(box.machine, twenty_batches);
  const char* path = "/log/00000000000000000005.log";
  const std::string content = *box.machine.disk().content(path);
  auto inode = box.machine.disk().open(path, io::OpenMode::read_write);
  REQUIRE(inode.has_value());
  const std::string magic_nine(1, 9);
  REQUIRE(box.machine.disk().write(**inode, 2 * 370 + 16, {Slice::copy_of(as_bytes(magic_nine))}).has_value());
  run(box.machine, read_what_is_lost);
}

void make_file(Machine& machine, const std::string& path) {
  REQUIRE(machine.disk().open(path, io::OpenMode::create).has_value());
}

TEST_CASE("leftovers of deletions, compactions and lost logs are cleaned up") {
  Box box;
  run(box.machine, twenty_batches);
  for (const char* leftover : {"00000000000000000000.log.deleted", "00000000000000000003.log.cleaned",
                               "00000000000000000004.log.swap", "00000000000000000099.index"})
    make_file(box.machine, std::string("/log/") + leftover);
  run(box.machine, reopen_unclean);
  auto listed = box.machine.disk().list("/log");
  REQUIRE(listed.has_value());
  for (const io::DirectoryEntry& entry : *listed) {
    CHECK_FALSE(entry.name.ends_with(".deleted"));
    CHECK_FALSE(entry.name.ends_with(".cleaned"));
    CHECK_FALSE(entry.name.ends_with(".swap"));
    CHECK_FALSE(entry.name.starts_with("00000000000000000099"));
  }
}

TEST_CASE("a finished compaction takes the place of what it replaces") {
  Box box;
  run(box.machine, twenty_batches);
  REQUIRE(box.machine.disk().rename("/log/00000000000000000005.log", "/log/00000000000000000005.log.swap").has_value());
  make_file(box.machine, "/log/00000000000000000007.log");
  run(box.machine, reopen_unclean);
  CHECK_FALSE(box.machine.disk().content("/log/00000000000000000007.log").has_value());
}

io::Task<void> reopen_half(StoreProgram& p) {
  auto opened = co_await p.store.open(unclean(0));
  REQUIRE(opened.has_value());
  CHECK(p.store.end() == 10);
  CHECK(p.store.segment_count() == 2);
}

TEST_CASE("a file that ends like a compacted segment but has no name of Kafka's stays where it is") {
  Box box;
  run(box.machine, twenty_batches);
  Disk& disk = box.machine.disk();
  for (const char* name : {"10.log", "15.log"}) {
    const std::string path = std::string("/log/000000000000000000") + name;
    REQUIRE(disk.rename(path, path + ".swap.swap").has_value());
  }
  REQUIRE(disk.open("/log/notes.swap", io::OpenMode::create).has_value());
  // It names the offsets of segments that are whole.
  REQUIRE(disk.open("/log/00000000000000000005.log.mine.swap", io::OpenMode::create).has_value());
  add_bytes(box.machine, "/log/00000000000000000005.log.mine.swap", *disk.content("/log/00000000000000000005.log"));
  for (int starts = 0; starts < 3; ++starts) {
    run(box.machine, reopen_half);
    CHECK(disk.content("/log/00000000000000000010.log.swap.swap").has_value());
    CHECK(disk.content("/log/00000000000000000015.log.swap.swap").has_value());
    CHECK(disk.content("/log/00000000000000000005.log.mine.swap").has_value());
    CHECK(disk.content("/log/notes.swap").has_value());
  }
}

}  // namespace
}  // namespace highwater::engine
