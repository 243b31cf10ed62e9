// One read, write or sync of a file on its way: it owns its buffers and the file, so neither a destroyed File nor a
// destroyed frame takes memory from under the kernel (rule L4). It can run as blocking calls on the file thread or be
// handed to a ring, and may change from one to the other between two steps.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "foundation/base/slice.h"
#include "io/errors.h"
#include "io/file.h"
#include "io/linux/background.h"
#include "io/linux/descriptor.h"

namespace highwater::io {

// What one call writes at most. The kernel gives the page cache blocks of memory as large as the call, and hypervisors
// take back free memory in blocks of 128 KiB and more: such a block is faulted in by the host, page by page, which
// takes ten times as long as the copy (0.3 against 4 GB/s). Smaller ones come from what was used a moment ago.
inline constexpr std::size_t write_call_bytes_max = 120 * 1024;

// An open file, shared by its File and the operations under way. The last one has it closed on the file thread.
class OpenFile {
 public:
  OpenFile(Descriptor fd, Background& closer) : fd_(std::move(fd)), closer_(&closer) {}
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_.get(); }

 private:
  Descriptor fd_;
  Background* closer_;
};

class FileOperation : public Job {
 public:
  enum class Kind : std::uint8_t { read, write, sync_data, sync_all };

  // What the next system call has to do.
  Kind kind() const { return kind_; }
  int fd() const { return file_->fd(); }
  std::uint64_t offset() const { return offset_; }
  const iovec* vectors() const { return vectors_.data() + next_; }
  unsigned vector_count() const;

  // Takes the result of one system call, a count or a negative errno; true when nothing is left to do.
  bool advance(std::int64_t result);
  // All of it with blocking calls.
  void run() final;

 protected:
  FileOperation(Kind kind, std::shared_ptr<OpenFile> file, std::uint64_t offset);

  Kind kind_;
  std::shared_ptr<OpenFile> file_;
  std::uint64_t offset_;
  std::vector<iovec> vectors_;
  std::size_t next_ = 0;  // vectors before it are done
  std::size_t transferred_ = 0;
  IoStatus outcome_;
};

class ReadOperation final : public FileOperation {
 public:
  ReadOperation(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::size_t length);

  IoResult<Slice> take_result();
  void set_promise(Promise<IoResult<Slice>> promise) { promise_ = std::move(promise); }
  void finish() override;

 private:
  Slice buffer_;
  Promise<IoResult<Slice>> promise_;
};

class WriteOperation final : public FileOperation {
 public:
  WriteOperation(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::vector<Slice> slices);

  std::size_t length() const { return length_; }
  IoStatus outcome() const { return outcome_; }
  void set_promise(Promise<IoStatus> promise) { promise_ = std::move(promise); }
  void finish() override { promise_.complete(outcome_); }

 private:
  std::vector<Slice> slices_;
  std::size_t length_ = 0;
  Promise<IoStatus> promise_;
};

class SyncOperation final : public FileOperation {
 public:
  SyncOperation(std::shared_ptr<OpenFile> file, SyncKind kind, Promise<IoStatus> promise);
  void finish() override { promise_.complete(outcome_); }

 private:
  Promise<IoStatus> promise_;
};

}  // namespace highwater::io
