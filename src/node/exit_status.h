// What the program tells its caller. 78 is EX_CONFIG of sysexits.h.
#pragma once

namespace highwater::node {

// `interrupted` and `terminated` only under the name of Apache's kafka-server-start: what Java makes of a clean stop.
enum class ExitStatus : int { clean = 0, error = 1, bad_configuration = 78, interrupted = 130, terminated = 143 };

}  // namespace highwater::node
