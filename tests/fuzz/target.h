// What a *_fuzz.cc defines: one input taken apart, and the inputs to begin with. A property that does not hold ends the
// process through HW_CHECK. Neither function may keep state from one call to the next.
#pragma once

#include <cstdint>
#include <vector>

#include "foundation/base/bytes.h"

namespace highwater::fuzz {

using Input = std::vector<std::uint8_t>;

void run(ByteView input);
// Made anew from golden bytes, fixtures and our own writers, so that none are checked in.
std::vector<Input> seeds();

}  // namespace highwater::fuzz
