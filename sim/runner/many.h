// Many seeds: each in a process of its own (a crash is a finding of that seed), several at a time, and if wanted a
// second time with another address layout and heap.
#pragma once

#include <cstdint>
#include <string>

namespace highwater::sim {

struct ManyOptions {
  std::string program;  // this one
  std::string scenarios;
  std::string scenario;  // one or several, between commas; empty: all of the folder
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  std::uint64_t jobs = 1;
  std::uint64_t twice_in = 0;  // so many seeds, one runs twice: 1 is each of them, 0 none
  bool until_violation = false;
  std::string plant;   // given on to every process
  std::string ledger;  // empty: none
  std::string commit = "unknown";
};

// The scenario that a seed runs: the named ones in turn, or all of the folder by name.
std::string scenario_of(const ManyOptions& options, std::uint64_t seed);
// The exit status: 0 when there was no violation, no unequal hash and no crash.
int run_many(const ManyOptions& options);

}  // namespace highwater::sim
