// How many files and sockets this process may have open, and how they are shared. Lives in main: the limit belongs to
// the process.
#pragma once

#include <cstddef>

namespace highwater::node {

// Raises the soft limit to the hard one; the limit that then holds.
std::size_t raise_descriptor_limit();

// Half of what the process may open is for log files, in equal parts for its cores; the rest is for sockets and what
// the files of a moment need. At least 16, at most 65,536 a core.
std::size_t log_files_per_core(std::size_t limit, std::size_t cores);

}  // namespace highwater::node
