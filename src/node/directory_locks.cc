#include "node/directory_locks.h"

#include <fmt/format.h>

namespace highwater::node {
namespace {

Result<void> refused(const std::string& directory, io::IoError error) {
  if (error == io::IoError::locked)
    return failure(
        fmt::format("log directory {0} is in use by another process, which holds {0}/.lock: stop that "
                    "process, or name another directory in log.dirs",
                    directory));
  if (error == io::IoError::permission)
    return failure(
        fmt::format("log directory {0} cannot be written ({1}): give it to the user that runs "
                    "highwater, or name another directory in log.dirs",
                    directory, io::io_error_text(error)));
  return failure(
      fmt::format("log directory {0} cannot be locked ({0}/.lock: {1})", directory, io::io_error_text(error)));
}

// Files inside may be writable where the directory is not: a start that finds that out later has written already.
io::Task<io::IoStatus> try_to_write(io::FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/.highwater-probe";
  auto file = co_await files.open(path, io::OpenMode::create_truncate);
  if (!file) co_return std::unexpected(file.error());
  file->reset();
  auto removed = co_await files.remove(path);
  co_return removed;
}

}  // namespace

io::Task<Result<void>> DirectoryLocks::take(io::FileSystem& files, std::vector<std::string> directories) {
  for (const std::string& directory : directories) {
    auto file = co_await files.open(directory + "/.lock", io::OpenMode::create);
    io::IoStatus locked = file ? (*file)->try_lock() : std::unexpected(file.error());
    if (locked) locked = co_await try_to_write(files, directory);
    if (!locked) {
      release();
      co_return refused(directory, locked.error());
    }
    files_.push_back(std::move(*file));
  }
  co_return Result<void>();
}

}  // namespace highwater::node
