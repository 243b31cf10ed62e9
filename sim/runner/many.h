// Many seeds: each in a process of its own (a crash is a finding of that seed), several at a time, and if wanted a
// second time with another address layout and heap.
#pragma once

#include <cstdint>
#include <string>

namespace highwater::sim {

struct ManyOptions {
  std::string program;  // this one
  std::string scenarios;
  std::string scenario;  // empty: all in turn
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  std::uint64_t jobs = 1;
  bool twice = false;
  bool until_violation = false;
  std::string plant;   // given on to every process
  std::string ledger;  // empty: none
  std::string commit = "unknown";
};

// The scenario that a seed runs when none is named: all of the folder in turn, by name.
std::string scenario_of(const ManyOptions& options, std::uint64_t seed);
// The exit status: 0 when there was no violation, no unequal hash and no crash.
int run_many(const ManyOptions& options);

}  // namespace highwater::sim
