// How a door cuts a request by the cores that own its partitions, and puts what they answer back in the request's
// order. For the sources of this room that implement Partitions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/partition/partition_owner.h"
#include "engine/partition/partitions.h"

namespace highwater::engine {

template <class Part>
std::vector<Partitions::Share> Partitions::split(const std::vector<Part>& parts) const {
  std::vector<Share> shares;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const CoreIndex core = owner_of(cores_, *image_, parts[i].partition);
    auto share = std::ranges::find(shares, core, &Share::core);
    if (share == shares.end()) share = shares.insert(share, Share{core, {}});
    share->parts.push_back(i);
  }
  return shares;
}

template <class Part>
std::vector<Part> pick(std::vector<Part>& from, const std::vector<std::size_t>& which) {
  std::vector<Part> picked;
  picked.reserve(which.size());
  for (const std::size_t i : which) picked.push_back(std::move(from[i]));
  return picked;
}

template <class Part>
std::vector<Part> copy(const std::vector<Part>& from, const std::vector<std::size_t>& which) {
  std::vector<Part> picked;
  picked.reserve(which.size());
  for (const std::size_t i : which) picked.push_back(from[i]);
  return picked;
}

template <class Outcome>
void put_back(std::vector<Outcome>& into, std::vector<Outcome> outcomes, const std::vector<std::size_t>& which) {
  for (std::size_t i = 0; i < which.size(); ++i) into[which[i]] = std::move(outcomes[i]);
}

}  // namespace highwater::engine
