// `highwater keys`: every configuration key as a page of Markdown. docs/configuration.md is its output, and a test
// compares the two.
#pragma once

#include "node/exit_status.h"

namespace highwater::node {

ExitStatus run_keys();

}  // namespace highwater::node
