// Names of resources that are numbers of brokers, read as Java reads an int: "+1" and "01" are 1.
#pragma once

#include <optional>
#include <string_view>

#include "foundation/base/ids.h"
#include "foundation/base/whole_number.h"

namespace highwater::server {

inline std::optional<NodeId> broker_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  return whole_number<NodeId>(text);
}

}  // namespace highwater::server
