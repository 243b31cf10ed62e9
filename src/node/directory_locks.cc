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
        fmt::format("log directory {0} cannot be written ({0}/.lock: {1}): give it to the user that runs "
                    "highwater, or name another directory in log.dirs",
                    directory, io::io_error_text(error)));
  return failure(
      fmt::format("log directory {0} cannot be locked ({0}/.lock: {1})", directory, io::io_error_text(error)));
}

}  // namespace

io::Task<Result<void>> DirectoryLocks::take(io::FileSystem& files, std::vector<std::string> directories) {
  for (const std::string& directory : directories) {
    auto file = co_await files.open(directory + "/.lock", io::OpenMode::create);
    const io::IoStatus locked = file ? (*file)->try_lock() : std::unexpected(file.error());
    if (!locked) {
      release();
      co_return refused(directory, locked.error());
    }
    files_.push_back(std::move(*file));
  }
  co_return Result<void>();
}

}  // namespace highwater::node
