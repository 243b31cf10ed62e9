// What the program tells its caller. 78 is EX_CONFIG of sysexits.h.
#pragma once

namespace highwater::node {

enum class ExitStatus : int { clean = 0, error = 1, bad_configuration = 78 };

}  // namespace highwater::node
