// How many files and sockets this process may have open, and how they are shared. Lives in main: the limit belongs to
// the process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace highwater::node {

// Raises the soft limit to the hard one; the limit that then holds.
std::size_t raise_descriptor_limit();

// Half of what the process may open is for log files, in equal parts for its cores; the rest is for sockets and what
// the files of a moment need. At least 16, at most 65,536 a core.
std::size_t log_files_per_core(std::size_t limit, std::size_t cores);

// Connections of clients may take all but a few: a log file that finds no descriptor closes one that is idle, but it
// must be able to get one at all.
std::int32_t connections_max(std::size_t limit);

}  // namespace highwater::node
