// Lines of golden/log/record_batches.txt, for this room's tests only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace highwater::records {

// The lines whose first word is `kind`, as words.
std::vector<std::vector<std::string_view>> golden_lines(std::string_view kind);
// "-" is nothing.
std::vector<std::uint8_t> from_hex(std::string_view text);

}  // namespace highwater::records
