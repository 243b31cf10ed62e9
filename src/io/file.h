// Files and folders as one core sees them. Every operation is asynchronous in form; a body may finish one on the spot
// where that never blocks. Buffers given to an operation must stay valid until its future is ready OR are counted
// Slices: the operations here take Slices exactly so that a destroyed coroutine frame never pulls memory from under the
// kernel (L4). Paths are absolute or relative to the process; the simulator keeps one tree per node. Owned by whoever
// opened them; used only on the reactor that opened them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/file_part.h"
#include "foundation/base/slice.h"
#include "io/errors.h"
#include "io/future.h"

namespace highwater::io {

enum class OpenMode : std::uint8_t {
  read,            // must exist
  read_write,      // must exist
  create,          // made when absent, kept when present; read and write
  create_new,      // must be absent
  create_truncate  // made or emptied
};

enum class SyncKind : std::uint8_t { data, data_and_metadata };  // fdatasync, fsync

class File {
 public:
  // Closes in the background; whatever was not awaited stays valid until the kernel is done with it.
  virtual ~File() = default;

  // Reads up to `length` bytes at `offset`; fewer only at the end of the file. The slice is exactly what was read.
  virtual Future<IoResult<Slice>> read(std::uint64_t offset, std::size_t length) = 0;
  // Like read, but only what the page cache holds: an empty optional means "would wait for the disk".
  virtual IoResult<std::optional<Slice>> try_read(std::uint64_t offset, std::size_t length) = 0;
  // The same bytes to be sent by Socket::try_send: nothing when a part of them would have to come from the disk, or
  // nobody can tell. What was cut off the file since then makes the sending fail.
  virtual std::optional<FilePart> cached_part(std::uint64_t offset, std::size_t length) = 0;
  // Writes all slices one after the other from `offset` on, or fails; after no_space the file may hold a part of them.
  // Two writes under way at once may end in either order: whoever cares awaits the first.
  virtual Future<IoStatus> write(std::uint64_t offset, std::vector<Slice> slices) = 0;
  // Covers all writes whose futures were ready when it was called.
  virtual Future<IoStatus> sync(SyncKind kind) = 0;
  virtual Future<IoStatus> truncate(std::uint64_t size) = 0;
  virtual Future<IoResult<std::uint64_t>> size() = 0;
  // fcntl write lock as Java's FileChannel.tryLock takes it; held until the file is destroyed. IoError::locked when
  // taken.
  virtual IoStatus try_lock() = 0;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory;
};

// A file to be, for FileSystem::replace_files.
struct NewFile {
  std::string path;
  Slice content;
};

struct DiskSpace {
  std::uint64_t total_bytes;
  std::uint64_t usable_bytes;
};

// All of it runs off the loop (rule L2), through one bounded queue per core; order of calls on one path is kept.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Future<IoResult<std::unique_ptr<File>>> open(std::string path, OpenMode mode) = 0;
  virtual Future<IoResult<std::vector<DirectoryEntry>>> list(std::string directory) = 0;  // sorted by name
  virtual Future<IoStatus> make_directories(std::string path) = 0;                        // like mkdir -p
  virtual Future<IoStatus> rename(std::string from, std::string to) = 0;                  // replaces a file
  virtual Future<IoStatus> remove(std::string path) = 0;                                  // a file or an empty folder
  virtual Future<IoStatus> remove_tree(std::string path) = 0;
  virtual Future<IoStatus> sync_directory(std::string path) = 0;
  virtual Future<IoResult<DiskSpace>> space(std::string path) = 0;
  // Whole small files (checkpoints, properties): at most `limit` bytes or IoError::other.
  virtual Future<IoResult<Slice>> read_file(std::string path, std::size_t limit) = 0;
  // Durable replacement: `path`.tmp is written and fsynced, renamed over `path`, the folder fsynced.
  virtual Future<IoStatus> replace_file(std::string path, Slice content) = 0;
  // The same for many files at the price of two syncs of their file systems, not of two syncs each; the syncs also
  // cover whatever else was written there before. After a failure some may be replaced, each of them whole.
  virtual Future<IoStatus> replace_files(std::vector<NewFile> files) = 0;
};

}  // namespace highwater::io
