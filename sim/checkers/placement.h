// What one answer to DescribeLogDirs says of where logs are: each in one directory, and at most on its way to one
// other.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkers/history.h"
#include "client/log_dirs.h"

namespace highwater::sim {

struct Whereabouts {
  std::string current;  // path of the directory
  std::string future;   // empty: it does not move
};

// A sentence when the answer contradicts itself.
std::optional<std::string> contradiction_in(const std::vector<client::DescribedDirectory>& directories);
// Of an answer without contradiction.
std::map<Place, Whereabouts> whereabouts_in(const std::vector<client::DescribedDirectory>& directories);

}  // namespace highwater::sim
