// The property of every generated message: what is taken means the same after a round trip, its measured size is its
// size, and decoding holds no more memory than wire::Reader grants. Input: number of the message among those of the
// kinds (one byte), version (one byte, modulo), bytes.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tests/fuzz/target.h"

namespace highwater::fuzz {

using Kinds = std::span<const std::string_view>;

void check_message(Kinds kinds, ByteView input);
// The golden messages of these kinds.
std::vector<Input> message_seeds(Kinds kinds);

}  // namespace highwater::fuzz
