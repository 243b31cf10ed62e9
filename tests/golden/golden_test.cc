#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/golden/check_message.h"
#include "tests/golden/golden_lines.h"

namespace highwater::golden {
namespace {

struct Tally {
  std::set<std::pair<std::string, std::int16_t>> spoken;   // requests and responses
  std::set<std::pair<std::string, std::int16_t>> records;  // all else but the two headers
  std::set<std::pair<std::string, std::int16_t>> headers;
  std::uint64_t lines = 0;
  std::uint64_t truncations = 0;
  std::uint64_t accepted_flips = 0;
};

void count(const Entry& entry, const Line& line, Tally& tally) {
  const auto pair = std::pair(line.name, line.version);
  if (entry.kind == "request" || entry.kind == "response") {
    tally.spoken.insert(pair);
  } else if (entry.kind == "header") {
    tally.headers.insert(pair);
  } else {
    tally.records.insert(pair);
  }
}

TEST_CASE("every message of every version has Apache's bytes, and every truncation is refused") {
  const Lines golden = read_golden_folder(HIGHWATER_GOLDEN_FOLDER);
  CHECK(golden.malformed == 0);
  std::map<std::string_view, Entry> ours;
  for (const Entry& entry : all_entries()) ours.emplace(entry.name, entry);

  Tally tally;
  for (const Line& line : golden.lines) {
    const auto found = ours.find(line.name);
    if (found == ours.end()) {
      FAIL_CHECK("no schema for " << line.name);
      continue;
    }
    const Findings findings = check_message(found->second, line);
    for (const std::string& fault : findings.faults) {
      FAIL_CHECK(line.name << " " << line.version << " variant " << static_cast<int>(line.variant) << " " << fault);
    }
    count(found->second, line, tally);
    ++tally.lines;
    tally.truncations += findings.truncations;
    tally.accepted_flips += findings.accepted_flips;
  }
  fmt::print(
      "{} request and response pairs, {} record pairs, {} header pairs; {} lines, {} truncations refused, "
      "{} flips taken and steady\n",
      tally.spoken.size(), tally.records.size(), tally.headers.size(), tally.lines, tally.truncations,
      tally.accepted_flips);
  CHECK(tally.spoken.size() >= 604);
  CHECK(tally.records.size() >= 120);
  CHECK(tally.headers.size() == 4);
  CHECK(tally.accepted_flips > 10'000);
}

TEST_CASE("a golden line with a wrong byte, a missing byte or one too many is found") {
  Line right;
  for (Line& line : read_golden_folder(HIGHWATER_GOLDEN_FOLDER).lines) {
    if (line.name == "ProduceRequest" && line.version == 9 && line.variant == Variant::filled) right = std::move(line);
  }
  REQUIRE(right.name == "ProduceRequest");
  const std::vector<Entry> entries = all_entries();
  const auto entry = std::ranges::find(entries, right.name, &Entry::name);
  REQUIRE(entry != entries.end());
  CHECK(check_message(*entry, right).faults.empty());
  for (std::size_t at = 0; at < right.bytes.size(); ++at) {
    Line wrong = right;
    wrong.bytes[at] ^= 1;
    CHECK_FALSE(check_message(*entry, wrong).faults.empty());
  }
  Line shorter = right;
  shorter.bytes.pop_back();
  CHECK_FALSE(check_message(*entry, shorter).faults.empty());
  Line longer = right;
  longer.bytes.push_back(0);
  CHECK_FALSE(check_message(*entry, longer).faults.empty());
}

TEST_CASE("golden lines cover each version of each schema in three variants, and nothing else") {
  std::map<std::pair<std::string, std::int16_t>, int> lines;
  for (const Line& line : read_golden_folder(HIGHWATER_GOLDEN_FOLDER).lines) ++lines[{line.name, line.version}];
  std::size_t expected = 0;
  for (const Entry& entry : all_entries()) {
    for (std::int16_t version = entry.lowest; version <= entry.highest; ++version) {
      ++expected;
      if (lines[{std::string(entry.name), version}] != 3) FAIL_CHECK(entry.name << " " << version << " is not there");
    }
  }
  CHECK(lines.size() == expected);
}

}  // namespace
}  // namespace highwater::golden
