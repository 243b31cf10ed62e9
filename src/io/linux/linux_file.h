// A file of the kernel. What the page cache answers at once happens on the loop, because handing it over would cost
// more than doing it; everything that waits for a disk goes to the engine.
#pragma once

#include <memory>

#include "io/file.h"
#include "io/linux/file_engine.h"

namespace highwater::io {

class LinuxFile final : public File {
 public:
  LinuxFile(std::shared_ptr<OpenFile> file, FileEngine& engine) : file_(std::move(file)), engine_(&engine) {}

  Future<IoResult<Slice>> read(std::uint64_t offset, std::size_t length) override;
  IoResult<std::optional<Slice>> try_read(std::uint64_t offset, std::size_t length) override;
  std::optional<FilePart> cached_part(std::uint64_t offset, std::size_t length) override;
  Future<IoStatus> write(std::uint64_t offset, std::vector<Slice> slices) override;
  Future<IoStatus> sync(SyncKind kind) override;
  Future<IoStatus> truncate(std::uint64_t size) override;
  Future<IoResult<std::uint64_t>> size() override;
  IoStatus try_lock() override;

 private:
  // How much of a read can be there at all: memory is not taken for what lies beyond the end.
  IoResult<std::size_t> clamp(std::uint64_t offset, std::size_t length) const;

  std::shared_ptr<OpenFile> file_;
  FileEngine* engine_;
  bool has_nowait_ = true;
  bool has_cachestat_ = true;
};

}  // namespace highwater::io
