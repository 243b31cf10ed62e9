// Paths as java.io.File has them: getAbsolutePath puts the working directory before a relative one, and its constructor
// drops doubled slashes and the one at the end. `.` and `..` stay, and no disk is asked. Log directories are called so
// on the wire (LogManager, DescribeLogDirs, AlterReplicaLogDirs).
#pragma once

#include <string>
#include <string_view>

namespace highwater::node {

std::string absolute_path(std::string_view path, std::string_view working_directory);

// Of this process; "/" when it was removed.
std::string working_directory();

}  // namespace highwater::node
