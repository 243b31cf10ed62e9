// Bugs on purpose, to measure how fast the simulator finds them (sim/planted.sh). In every other build HW_PLANTED is
// the constant false and nothing of it is left. A name stands at one place only, beside the line that it breaks.
#pragma once

#include <string_view>

namespace highwater {

#ifdef HIGHWATER_PLANTS
// Set by the simulator's command line before anything runs.
inline std::string_view planted_bug;
inline bool is_planted(std::string_view name) { return planted_bug == name; }
#else
constexpr bool is_planted(std::string_view /*name*/) { return false; }
#endif

}  // namespace highwater

#define HW_PLANTED(name) (::highwater::is_planted(name))
