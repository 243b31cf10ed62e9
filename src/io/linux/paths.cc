#include "io/linux/paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "io/linux/kernel_errors.h"

namespace highwater::io::paths {

namespace {

constexpr int deepest_tree = 64;
constexpr mode_t file_mode = 0666;       // the umask takes away what the operator does not want
constexpr mode_t directory_mode = 0777;  // likewise

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::unexpected<IoError> last_error() { return std::unexpected(io_error_of(errno)); }

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::read_write:
      return O_RDWR;
    case OpenMode::create:
      return O_RDWR | O_CREAT;
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::create_truncate:
      return O_RDWR | O_CREAT | O_TRUNC;
  }
  return O_RDONLY;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_directory(int parent, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_DIR;
  struct stat facts{};
  return ::fstatat(parent, entry.d_name, &facts, 0) == 0 && S_ISDIR(facts.st_mode);
}

bool is_dots(const char* name) { return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)); }

IoStatus remove_inside(int directory_fd, int depth) {
  if (depth > deepest_tree) {
    ::close(directory_fd);
    return std::unexpected(IoError::other);
  }
  const Directory directory(::fdopendir(directory_fd));
  if (directory == nullptr) return last_error();
  while (const dirent* entry = ::readdir(directory.get())) {
    if (is_dots(entry->d_name)) continue;
    if (::unlinkat(::dirfd(directory.get()), entry->d_name, 0) == 0 || errno == ENOENT) continue;
    if (errno != EISDIR && errno != EPERM) return last_error();
    const int child =
        ::openat(::dirfd(directory.get()), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (child < 0) return last_error();
    if (IoStatus inside = remove_inside(child, depth + 1); !inside) return inside;
    if (::unlinkat(::dirfd(directory.get()), entry->d_name, AT_REMOVEDIR) != 0) return last_error();
  }
  return {};
}

IoStatus write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(write_error_of(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

IoResult<Descriptor> open(const std::string& path, OpenMode mode) {
  for (;;) {
    Descriptor fd(::open(path.c_str(), flags_of(mode) | O_CLOEXEC, file_mode));
    if (fd.valid()) return fd;
    if (errno != EINTR) return last_error();
  }
}

IoResult<std::vector<DirectoryEntry>> list(const std::string& directory) {
  const Directory open_directory(::opendir(directory.c_str()));
  if (open_directory == nullptr) return last_error();
  std::vector<DirectoryEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(open_directory.get());
    if (entry == nullptr) {
      if (errno != 0) return last_error();
      break;
    }
    if (!is_dots(entry->d_name))
      entries.push_back({entry->d_name, is_directory(::dirfd(open_directory.get()), *entry)});
  }
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

IoStatus make_directories(const std::string& path) {
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end != path.size() && path[end] != '/') continue;
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), directory_mode) == 0) continue;
    if (errno != EEXIST) return last_error();
    struct stat facts{};
    if (::stat(part.c_str(), &facts) != 0) return last_error();
    if (!S_ISDIR(facts.st_mode)) return std::unexpected(IoError::not_directory);
  }
  return {};
}

IoStatus rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return last_error();
  return {};
}

IoStatus remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return {};
  if (errno != EISDIR && errno != EPERM) return last_error();
  if (::rmdir(path.c_str()) != 0) return last_error();
  return {};
}

IoStatus remove_tree(const std::string& path) {
  const int root = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (root < 0) return errno == ENOTDIR || errno == ELOOP ? remove(path) : last_error();
  if (IoStatus inside = remove_inside(root, 0); !inside) return inside;
  if (::rmdir(path.c_str()) != 0) return last_error();
  return {};
}

IoStatus sync_directory(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return last_error();
  if (::fsync(fd.get()) != 0) return std::unexpected(write_error_of(errno));
  return {};
}

IoResult<DiskSpace> space(const std::string& path) {
  struct statvfs facts{};
  if (::statvfs(path.c_str(), &facts) != 0) return last_error();
  return DiskSpace{facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize};
}

IoResult<Slice> read_file(const std::string& path, std::size_t limit) {
  IoResult<Descriptor> fd = open(path, OpenMode::read);
  if (!fd) return std::unexpected(fd.error());
  struct stat facts{};
  if (::fstat(fd->get(), &facts) != 0) return last_error();
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (!S_ISREG(facts.st_mode) || size > limit) return std::unexpected(IoError::other);
  Slice content = Slice::allocate(size);
  std::size_t got = 0;
  while (got < size) {
    const ssize_t result = ::read(fd->get(), content.writable().data() + got, size - got);
    if (result < 0 && errno == EINTR) continue;
    if (result < 0) return last_error();
    if (result == 0) break;
    got += static_cast<std::size_t>(result);
  }
  return content.part(0, got);
}

namespace {

// One descriptor on each file system that was written to. The kernel tells of every write-back that failed there since
// the descriptor was opened (Linux 5.8 and later), so they are taken before the writes.
class TouchedFileSystems {
 public:
  IoStatus add(const std::string& directory) {
    Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return last_error();
    struct stat facts{};
    if (::fstat(fd.get(), &facts) != 0) return last_error();
    for (const auto& [device, known] : by_device_)
      if (device == facts.st_dev) return {};
    by_device_.emplace_back(facts.st_dev, std::move(fd));
    return {};
  }
  IoStatus sync() const {
    for (const auto& [device, fd] : by_device_)
      if (::syncfs(fd.get()) != 0) return std::unexpected(write_error_of(errno));
    return {};
  }

 private:
  std::vector<std::pair<dev_t, Descriptor>> by_device_;
};

IoStatus write_temporary(const std::string& temporary, const Slice& content) {
  IoResult<Descriptor> fd = open(temporary, OpenMode::create_truncate);
  if (!fd) return std::unexpected(fd.error());
  return write_all(fd->get(), content.view());
}

}  // namespace

IoStatus replace_file(const std::string& path, const Slice& content) {
  const std::string temporary = path + ".tmp";
  {
    IoResult<Descriptor> fd = open(temporary, OpenMode::create_truncate);
    if (!fd) return std::unexpected(fd.error());
    if (IoStatus written = write_all(fd->get(), content.view()); !written) return written;
    if (::fsync(fd->get()) != 0) return std::unexpected(write_error_of(errno));
  }
  if (IoStatus renamed = rename(temporary, path); !renamed) return renamed;
  return sync_directory(parent_of(path));
}

IoStatus replace_files(const std::vector<NewFile>& files) {
  constexpr std::size_t few = 8;
  if (files.size() <= few) {
    for (const NewFile& file : files)
      if (IoStatus replaced = replace_file(file.path, file.content); !replaced) return replaced;
    return {};
  }
  TouchedFileSystems touched;
  std::string last_parent;
  for (const NewFile& file : files) {
    std::string parent = parent_of(file.path);
    if (parent == last_parent) continue;
    if (IoStatus added = touched.add(parent); !added) return added;
    last_parent = std::move(parent);
  }
  for (const NewFile& file : files)
    if (IoStatus written = write_temporary(file.path + ".tmp", file.content); !written) return written;
  if (IoStatus synced = touched.sync(); !synced) return synced;
  for (const NewFile& file : files)
    if (IoStatus renamed = rename(file.path + ".tmp", file.path); !renamed) return renamed;
  return touched.sync();
}

}  // namespace highwater::io::paths
