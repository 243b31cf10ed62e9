#include "machines/log/epochs.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

namespace highwater::log {
namespace {

EpochCache with(std::initializer_list<EpochEntry> entries) {
  EpochCache cache;
  for (const EpochEntry& entry : entries) cache.assign(entry.epoch, entry.start_offset);
  return cache;
}

std::vector<EpochEntry> entries_of(const EpochCache& cache) { return {cache.entries().begin(), cache.entries().end()}; }

using Entries = std::vector<EpochEntry>;

TEST_CASE("an epoch is noted once, at its first offset") {
  EpochCache cache;
  CHECK(cache.assign(2, 10));
  CHECK_FALSE(cache.assign(2, 11));
  CHECK_FALSE(cache.assign(2, 10));
  CHECK(entries_of(cache) == Entries{{2, 10}});
}

TEST_CASE("the same epoch from an earlier offset replaces what it contradicts") {
  EpochCache cache = with({{1, 5}, {2, 10}});
  CHECK(cache.assign(2, 4));
  CHECK(entries_of(cache) == Entries{{2, 4}});
}

TEST_CASE("an epoch without records gives way to the next one at the same offset") {
  EpochCache cache = with({{1, 0}, {2, 10}});
  CHECK(cache.assign(3, 10));
  CHECK(entries_of(cache) == Entries{{1, 0}, {3, 10}});
}

TEST_CASE("an older epoch drops the newer ones that it contradicts") {
  EpochCache cache = with({{1, 0}, {4, 10}, {6, 20}});
  CHECK(cache.assign(5, 15));
  CHECK(entries_of(cache) == Entries{{1, 0}, {4, 10}, {5, 15}});
}

TEST_CASE("the latest epoch ends at the log end") {
  CHECK(with({{1, 0}, {2, 10}}).end_offset_for(2, 33) == EpochEnd{2, 33});
}

TEST_CASE("an earlier epoch ends where the next one begins") {
  CHECK(with({{1, 0}, {2, 10}, {5, 20}}).end_offset_for(1, 33) == EpochEnd{1, 10});
}

TEST_CASE("an epoch that was never here is answered with the largest below it") {
  CHECK(with({{1, 0}, {2, 10}, {5, 20}}).end_offset_for(4, 33) == EpochEnd{2, 20});
}

TEST_CASE("an epoch below all known ends where the first known begins") {
  CHECK(with({{3, 7}, {5, 20}}).end_offset_for(1, 33) == EpochEnd{1, 7});
}

TEST_CASE("an epoch above all known, no epoch, and an empty cache are undefined") {
  CHECK(with({{3, 7}}).end_offset_for(4, 33) == EpochEnd{});
  CHECK(with({{3, 7}}).end_offset_for(no_epoch, 33) == EpochEnd{});
  CHECK(EpochCache().end_offset_for(0, 33) == EpochEnd{});
}

TEST_CASE("truncating the end drops epochs that begin at or after it") {
  EpochCache cache = with({{1, 0}, {2, 10}, {5, 20}});
  CHECK_FALSE(cache.truncate_from_end(21));
  CHECK(cache.truncate_from_end(20));
  CHECK(entries_of(cache) == Entries{{1, 0}, {2, 10}});
  CHECK(cache.truncate_from_end(0));
  CHECK(entries_of(cache).empty());
}

TEST_CASE("truncating the start keeps the covering epoch, which now begins there") {
  EpochCache cache = with({{1, 0}, {2, 10}, {5, 20}});
  CHECK(cache.truncate_from_start(15));
  CHECK(entries_of(cache) == Entries{{2, 15}, {5, 20}});
  CHECK_FALSE(cache.truncate_from_start(15));
  CHECK_FALSE(cache.truncate_from_start(3));
  CHECK(cache.truncate_from_start(100));
  CHECK(entries_of(cache) == Entries{{5, 100}});
}

TEST_CASE("the epoch of an offset is the last that began at or before it") {
  const EpochCache cache = with({{1, 5}, {2, 10}});
  CHECK_FALSE(cache.epoch_at(4).has_value());
  CHECK(cache.epoch_at(5) == 1);
  CHECK(cache.epoch_at(9) == 1);
  CHECK(cache.epoch_at(10) == 2);
  CHECK(cache.before(2) == EpochEntry{1, 5});
  CHECK_FALSE(cache.before(1).has_value());
}

TEST_CASE("the checkpoint is Kafka's text and reads back") {
  const EpochCache cache = with({{1, 5}, {2, 10}});
  CHECK(cache.checkpoint_text() == "0\n2\n1 5\n2 10\n");
  CHECK(entries_of(EpochCache::from_checkpoint_text("0\n2\n1 5\n2 10\n").value()) == entries_of(cache));
  CHECK(entries_of(EpochCache::from_checkpoint_text("0\n1\n1 5").value()) == Entries{{1, 5}});
  CHECK(EpochCache::from_checkpoint_text("0\n0\n").value().entries().empty());
}

TEST_CASE("checkpoints that are not Kafka's are refused with a sentence") {
  for (const char* text : {"", "1\n0\n", "0\n", "0\n2\n1 5\n", "0\n1\n1 5\n2 6\n", "0\n1\n-1 5\n", "0\n1\n1 x\n",
                           "0\n1\n1\n", "0\n99999999999\n", "0\n-1\n", "0\n1\n1 -5\n", "0\n1\n99999999999 5\n"}) {
    CAPTURE(text);
    const auto read = EpochCache::from_checkpoint_text(text);
    REQUIRE_FALSE(read.has_value());
    CHECK_FALSE(read.error().text.empty());
  }
}

}  // namespace
}  // namespace highwater::log
