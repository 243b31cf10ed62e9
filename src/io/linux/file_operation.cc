#include "io/linux/file_operation.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "io/linux/kernel_errors.h"

namespace highwater::io {

namespace {

class CloseJob final : public Job {
 public:
  explicit CloseJob(Descriptor fd) : fd_(std::move(fd)) {}
  void run() override { fd_.reset(); }
  void finish() override {}

 private:
  Descriptor fd_;
};

}  // namespace

OpenFile::~OpenFile() {
  if (!closer_->full()) closer_->submit(std::make_unique<CloseJob>(std::move(fd_)));
}

FileOperation::FileOperation(Kind kind, std::shared_ptr<OpenFile> file, std::uint64_t offset)
    : kind_(kind), file_(std::move(file)), offset_(offset) {}

unsigned FileOperation::vector_count() const {
  std::size_t left = kind_ == Kind::write ? write_call_bytes_max : SIZE_MAX;
  std::size_t end = next_;
  while (end < vectors_.size() && end - next_ < IOV_MAX && vectors_[end].iov_len <= left)
    left -= vectors_[end++].iov_len;
  return static_cast<unsigned>(end - next_);
}

bool FileOperation::advance(std::int64_t result) {
  if (result < 0) {
    const int error = static_cast<int>(-result);
    if (error == EINTR) return false;
    outcome_ = std::unexpected(kind_ == Kind::read ? io_error_of(error) : write_error_of(error));
    return true;
  }
  if (kind_ == Kind::sync_data || kind_ == Kind::sync_all) return true;
  auto moved = static_cast<std::size_t>(result);
  if (moved == 0 && next_ < vectors_.size()) {
    // A read at the end of the file; a write that moves nothing and names no reason is doubt.
    if (kind_ == Kind::write) outcome_ = std::unexpected(IoError::media);
    return true;
  }
  offset_ += moved;
  transferred_ += moved;
  while (next_ < vectors_.size() && moved >= vectors_[next_].iov_len) moved -= vectors_[next_++].iov_len;
  if (next_ == vectors_.size()) return true;
  vectors_[next_].iov_base = static_cast<std::uint8_t*>(vectors_[next_].iov_base) + moved;
  vectors_[next_].iov_len -= moved;
  return false;
}

void FileOperation::run() {
  for (;;) {
    std::int64_t result = 0;
    const auto count = static_cast<int>(vector_count());
    switch (kind_) {
      case Kind::read:
        result = ::preadv(fd(), vectors(), count, static_cast<off_t>(offset_));
        break;
      case Kind::write:
        result = ::pwritev(fd(), vectors(), count, static_cast<off_t>(offset_));
        break;
      case Kind::sync_data:
        result = ::fdatasync(fd());
        break;
      case Kind::sync_all:
        result = ::fsync(fd());
        break;
    }
    if (advance(result < 0 ? -errno : result)) return;
  }
}

ReadOperation::ReadOperation(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::size_t length)
    : FileOperation(Kind::read, std::move(file), offset), buffer_(Slice::allocate(length)) {
  if (length > 0) vectors_.push_back({buffer_.writable().data(), length});
}

IoResult<Slice> ReadOperation::take_result() {
  if (!outcome_) return std::unexpected(outcome_.error());
  return buffer_.part(0, transferred_);
}

void ReadOperation::finish() { promise_.complete(take_result()); }

WriteOperation::WriteOperation(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::vector<Slice> slices)
    : FileOperation(Kind::write, std::move(file), offset), slices_(std::move(slices)) {
  vectors_.reserve(slices_.size());
  for (const Slice& slice : slices_) {
    length_ += slice.size();
    for (std::size_t begin = 0; begin < slice.size(); begin += write_call_bytes_max) {
      const std::size_t length = std::min(slice.size() - begin, write_call_bytes_max);
      vectors_.push_back({const_cast<std::uint8_t*>(slice.data()) + begin, length});
    }
  }
}

SyncOperation::SyncOperation(std::shared_ptr<OpenFile> file, SyncKind kind, Promise<IoStatus> promise)
    : FileOperation(kind == SyncKind::data ? Kind::sync_data : Kind::sync_all, std::move(file), 0),
      promise_(std::move(promise)) {}

}  // namespace highwater::io
