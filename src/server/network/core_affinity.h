// On which core a connection would be at home: where nearly all partitions live that its last requests named. Moving
// costs as much as a few requests, so a connection must have asked for it with many, and with eight times as many each
// time it moves again: one whose habits keep changing soon stays where it is. Part of the connection.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/routing/cores.h"

namespace highwater::server {

class CoreAffinity {
 public:
  static constexpr std::uint32_t first_need = 32;
  static constexpr std::uint32_t largest_need = 1u << 20;

  // All partitions of a request live on `core`; nothing when they live on several.
  void note(std::optional<engine::CoreIndex> core) {
    if (core == core_) {
      votes_ = std::min(votes_ + 1, needed_);
    } else if (votes_ > stray_costs) {
      votes_ -= stray_costs;
    } else {
      core_ = core;
      votes_ = 1;
    }
  }

  // Where a connection that is `here` should go.
  std::optional<engine::CoreIndex> better_than(engine::CoreIndex here) const {
    if (votes_ < needed_ || core_ == here) return std::nullopt;
    return core_;
  }

  void moved() {
    votes_ = 0;
    needed_ = std::min(needed_ * 8, largest_need);
  }

 private:
  static constexpr std::uint32_t stray_costs = 8;  // votes against for one request that went elsewhere

  std::optional<engine::CoreIndex> core_;
  std::uint32_t votes_ = 0;
  std::uint32_t needed_ = first_need;
};

}  // namespace highwater::server
