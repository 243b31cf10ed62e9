// Names of resources that are numbers of brokers, read as Java reads an int: "+1" and "01" are 1.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

#include "foundation/base/ids.h"

namespace highwater::server {

inline std::optional<NodeId> broker_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  NodeId id = no_node;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace highwater::server
