#include "io/linux/linux_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "io/linux/kernel_errors.h"
#include "io/linux/sent_file.h"

namespace highwater::io {

namespace {

// Copying this much into the page cache takes about as long as waking the file thread (rule L1 allows twice that).
constexpr std::size_t most_on_the_loop = 256 * 1024;

// cachestat(2) of Linux 6.5, which the C library here does not know yet.
constexpr long cachestat_number = 451;
constexpr std::uint64_t page_bytes = 4096;
struct CacheRange {
  std::uint64_t offset;
  std::uint64_t length;
};
struct CacheFacts {
  std::uint64_t cached;  // pages, as all others
  std::uint64_t dirty;
  std::uint64_t under_writeback;
  std::uint64_t evicted;
  std::uint64_t recently_evicted;
};

}  // namespace

IoResult<std::size_t> LinuxFile::clamp(std::uint64_t offset, std::size_t length) const {
  struct stat facts{};
  if (::fstat(file_->fd(), &facts) != 0) return std::unexpected(io_error_of(errno));
  const auto end = static_cast<std::uint64_t>(facts.st_size);
  return offset >= end ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(length, end - offset));
}

IoResult<std::optional<Slice>> LinuxFile::try_read(std::uint64_t offset, std::size_t length) {
  const IoResult<std::size_t> there = clamp(offset, length);
  if (!there) return std::unexpected(there.error());
  if (*there == 0) return Slice();
  if (!has_nowait_) return std::optional<Slice>();
  Slice buffer = Slice::allocate(*there);
  std::size_t got = 0;
  while (got < *there) {
    const iovec vector{buffer.writable().data() + got, *there - got};
    const ssize_t result = ::preadv2(file_->fd(), &vector, 1, static_cast<off_t>(offset + got), RWF_NOWAIT);
    if (result > 0) {
      got += static_cast<std::size_t>(result);
      continue;
    }
    if (result == 0) return buffer.part(0, got);  // cut since we looked
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return std::optional<Slice>();
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) return std::unexpected(io_error_of(errno));
    has_nowait_ = false;
    return std::optional<Slice>();
  }
  return buffer;
}

std::optional<FilePart> LinuxFile::cached_part(std::uint64_t offset, std::size_t length) {
  if (!has_cachestat_ || length == 0) return std::nullopt;
  CacheRange range{offset, length};
  CacheFacts facts{};
  if (::syscall(cachestat_number, file_->fd(), &range, &facts, 0) != 0) {
    has_cachestat_ = false;  // an older kernel, or a file system without a page cache
    return std::nullopt;
  }
  const std::uint64_t pages = (offset + length - 1) / page_bytes - offset / page_bytes + 1;
  if (facts.cached < pages) return std::nullopt;
  Descriptor own(::fcntl(file_->fd(), F_DUPFD_CLOEXEC, 0));
  if (!own.valid()) return std::nullopt;
  return FilePart{std::make_shared<SentFile>(std::move(own)), offset, length};
}

Future<IoResult<Slice>> LinuxFile::read(std::uint64_t offset, std::size_t length) {
  using Answer = IoResult<Slice>;
  const IoResult<std::size_t> there = clamp(offset, length);
  if (!there) return Future<Answer>::ready(std::unexpected(there.error()));
  if (*there <= most_on_the_loop) {
    IoResult<std::optional<Slice>> now = try_read(offset, *there);
    if (!now) return Future<Answer>::ready(std::unexpected(now.error()));
    if (now->has_value()) return Future<Answer>::ready(std::move(**now));
  }
  auto operation = std::make_unique<ReadOperation>(file_, offset, *there);
  auto [promise, future] = make_future<Answer>(engine_->ready());
  operation->set_promise(std::move(promise));
  if (!engine_->start(std::move(operation))) return Future<Answer>::ready(std::unexpected(IoError::other));
  return std::move(future);
}

Future<IoStatus> LinuxFile::write(std::uint64_t offset, std::vector<Slice> slices) {
  auto operation = std::make_unique<WriteOperation>(file_, offset, std::move(slices));
  if (operation->length() <= most_on_the_loop) {
    if (operation->length() > 0) operation->run();
    return Future<IoStatus>::ready(operation->outcome());
  }
  auto [promise, future] = make_future<IoStatus>(engine_->ready());
  operation->set_promise(std::move(promise));
  if (!engine_->start(std::move(operation))) return Future<IoStatus>::ready(std::unexpected(IoError::other));
  return std::move(future);
}

Future<IoStatus> LinuxFile::sync(SyncKind kind) {
  auto [promise, future] = make_future<IoStatus>(engine_->ready());
  auto operation = std::make_unique<SyncOperation>(file_, kind, std::move(promise));
  if (!engine_->start(std::move(operation))) return Future<IoStatus>::ready(std::unexpected(IoError::other));
  return std::move(future);
}

Future<IoStatus> LinuxFile::truncate(std::uint64_t size) {
  return engine_->call<void>([file = file_, size]() -> IoStatus {
    int result;
    do {
      result = ::ftruncate(file->fd(), static_cast<off_t>(size));
    } while (result != 0 && errno == EINTR);
    if (result != 0) return std::unexpected(write_error_of(errno));
    return {};
  });
}

Future<IoResult<std::uint64_t>> LinuxFile::size() {
  using Answer = IoResult<std::uint64_t>;
  struct stat facts{};
  if (::fstat(file_->fd(), &facts) != 0) return Future<Answer>::ready(std::unexpected(io_error_of(errno)));
  return Future<Answer>::ready(static_cast<std::uint64_t>(facts.st_size));
}

// A lock of the open file description: it meets other processes' fcntl locks (Java's among them) as theirs would, but
// closing another descriptor of the same file does not drop it, and two nodes in one process see each other.
IoStatus LinuxFile::try_lock() {
  struct flock range{};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  if (::fcntl(file_->fd(), F_OFD_SETLK, &range) == 0) return {};
  if (errno == EINVAL && ::fcntl(file_->fd(), F_SETLK, &range) == 0) return {};
  if (errno == EAGAIN || errno == EACCES) return std::unexpected(IoError::locked);
  return std::unexpected(io_error_of(errno));
}

}  // namespace highwater::io
