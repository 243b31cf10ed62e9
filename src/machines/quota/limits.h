// The maxima of the quota machines.
#pragma once

#include <cstddef>

#include "foundation/base/time.h"

namespace highwater::quota {

// Addresses whose rate of new connections is remembered, when such a quota is set. An address that was quiet for the
// length of the window needs no memory; beyond this the one that was quiet longest is forgotten.
inline constexpr std::size_t rated_addresses_max = 8'192;

// No connection is held back longer than this at a time (Kafka: one quota window).
inline constexpr Duration hold_back_max = Duration::from_seconds(1);

}  // namespace highwater::quota
