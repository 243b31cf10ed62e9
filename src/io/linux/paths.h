// Blocking work on paths, for the file thread. The rules of FileSystem (io/file.h) hold.
#pragma once

#include <string>
#include <vector>

#include "foundation/base/slice.h"
#include "io/errors.h"
#include "io/file.h"
#include "io/linux/descriptor.h"

namespace highwater::io::paths {

IoResult<Descriptor> open(const std::string& path, OpenMode mode);
IoResult<std::vector<DirectoryEntry>> list(const std::string& directory);
IoStatus make_directories(const std::string& path);
IoStatus rename(const std::string& from, const std::string& to);
IoStatus remove(const std::string& path);
// Follows no symbolic link; at most 64 folders deep.
IoStatus remove_tree(const std::string& path);
IoStatus sync_directory(const std::string& path);
IoResult<DiskSpace> space(const std::string& path);
IoResult<Slice> read_file(const std::string& path, std::size_t limit);
IoStatus replace_file(const std::string& path, const Slice& content);
// Few files are synced one by one: a whole file system may hold much that others wrote.
IoStatus replace_files(const std::vector<NewFile>& files);

}  // namespace highwater::io::paths
