// Files of logs that are open now, at most so many per core. A PooledFile is a path that is opened when it is needed
// and may be closed while nobody uses it, so that a hundred thousand partitions do not need as many descriptors.
// One OpenFiles per core; it outlives its PooledFiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/file.h"
#include "io/task.h"

namespace highwater::engine {

class PooledFile;

class OpenFiles {
 public:
  // `limit` may be exceeded only by files that are all in use at the same time.
  OpenFiles(io::FileSystem& files, std::size_t limit) : files_(files), limit_(limit) {}
  ~OpenFiles();
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

  io::FileSystem& file_system() { return files_; }

  // As those of the file system, but without a descriptor an idle file is closed and it is tried again.
  io::Task<io::IoResult<std::unique_ptr<io::File>>> open(std::string path, io::OpenMode mode);
  io::Task<io::IoResult<std::vector<io::DirectoryEntry>>> list(std::string directory);
  io::Task<io::IoResult<Slice>> read_file(std::string path, std::size_t limit);
  io::Task<io::IoStatus> replace_file(std::string path, Slice content);
  io::Task<io::IoStatus> sync_directory(std::string path);

 private:
  friend class PooledFile;
  void opened(PooledFile& file);
  void forget(PooledFile& file);
  void touch(PooledFile& file);
  void close_idle();
  // False when every open file is in use.
  bool close_oldest_idle();
  // Whether to try again what failed like that.
  bool made_room(io::IoError error) { return error == io::IoError::too_many_files && close_oldest_idle(); }

  io::FileSystem& files_;
  std::size_t limit_;
  std::size_t open_ = 0;
  PooledFile* oldest_ = nullptr;
  PooledFile* newest_ = nullptr;
};

class PooledFile {
 public:
  PooledFile(OpenFiles& pool, std::string path) : pool_(pool), path_(std::move(path)) {}
  ~PooledFile();
  PooledFile(const PooledFile&) = delete;
  PooledFile& operator=(const PooledFile&) = delete;

  // Keeps the file open while it lives; the PooledFile must outlive it.
  class Use {
   public:
    explicit Use(PooledFile& file) : file_(&file) { ++file.uses_; }
    Use(Use&& other) noexcept : file_(std::exchange(other.file_, nullptr)) {}
    Use& operator=(Use&& other) noexcept {
      std::swap(file_, other.file_);
      return *this;
    }
    ~Use() {
      if (file_ != nullptr) --file_->uses_;
    }
    io::File* operator->() const { return file_->file_.get(); }

   private:
    PooledFile* file_;
  };

  // Opens it when it is not open; `mode` counts only then. Without a descriptor for it an idle file is closed and it is
  // tried again: IoError::too_many_files comes only when every file is in use, and says nothing about this one.
  io::Task<io::IoResult<Use>> use(io::OpenMode mode = io::OpenMode::read_write);

  const std::string& path() const { return path_; }
  bool in_use() const { return uses_ != 0; }
  // Closes it if it is open; nobody may be using it.
  void close();

 private:
  friend class OpenFiles;

  OpenFiles& pool_;
  std::string path_;
  std::unique_ptr<io::File> file_;
  std::size_t uses_ = 0;
  PooledFile* older_ = nullptr;
  PooledFile* newer_ = nullptr;
};

}  // namespace highwater::engine
