#include "engine/storage/open_files.h"

#include "foundation/base/check.h"

namespace highwater::engine {

OpenFiles::~OpenFiles() { HW_CHECK(open_ == 0); }

void OpenFiles::opened(PooledFile& file) {
  ++open_;
  file.older_ = newest_;
  (newest_ == nullptr ? oldest_ : newest_->newer_) = &file;
  newest_ = &file;
  close_idle();
}

void OpenFiles::forget(PooledFile& file) {
  --open_;
  (file.older_ == nullptr ? oldest_ : file.older_->newer_) = file.newer_;
  (file.newer_ == nullptr ? newest_ : file.newer_->older_) = file.older_;
  file.older_ = file.newer_ = nullptr;
}

void OpenFiles::touch(PooledFile& file) {
  if (newest_ == &file) return;
  forget(file);
  opened(file);
}

void OpenFiles::close_idle() {
  for (PooledFile* file = oldest_; file != nullptr && open_ > limit_;) {
    PooledFile* next = file->newer_;
    // The newest is the one that is being opened for somebody.
    if (file->uses_ == 0 && file != newest_) file->close();
    file = next;
  }
}

bool OpenFiles::close_oldest_idle() {
  for (PooledFile* file = oldest_; file != nullptr; file = file->newer_) {
    if (file->uses_ != 0) continue;
    file->close();
    return true;
  }
  return false;
}

io::Task<io::IoResult<std::unique_ptr<io::File>>> OpenFiles::open(std::string path, io::OpenMode mode) {
  auto opened = co_await files_.open(path, mode);
  while (!opened.has_value() && made_room(opened.error())) opened = co_await files_.open(path, mode);
  co_return opened;
}

io::Task<io::IoResult<std::vector<io::DirectoryEntry>>> OpenFiles::list(std::string directory) {
  auto entries = co_await files_.list(directory);
  while (!entries.has_value() && made_room(entries.error())) entries = co_await files_.list(directory);
  co_return entries;
}

io::Task<io::IoResult<Slice>> OpenFiles::read_file(std::string path, std::size_t limit) {
  auto content = co_await files_.read_file(path, limit);
  while (!content.has_value() && made_room(content.error())) content = co_await files_.read_file(path, limit);
  co_return content;
}

io::Task<io::IoStatus> OpenFiles::replace_file(std::string path, Slice content) {
  auto replaced = co_await files_.replace_file(path, content);
  while (!replaced.has_value() && made_room(replaced.error())) replaced = co_await files_.replace_file(path, content);
  co_return replaced;
}

io::Task<io::IoStatus> OpenFiles::sync_directory(std::string path) {
  auto synced = co_await files_.sync_directory(path);
  while (!synced.has_value() && made_room(synced.error())) synced = co_await files_.sync_directory(path);
  co_return synced;
}

PooledFile::~PooledFile() {
  // A killed reader leaves its count behind only with the whole node; nobody may use the file after this.
  uses_ = 0;
  close();
}

void PooledFile::close() {
  if (file_ == nullptr) return;
  HW_CHECK(uses_ == 0);
  pool_.forget(*this);
  file_.reset();
}

io::Task<io::IoResult<PooledFile::Use>> PooledFile::use(io::OpenMode mode) {
  if (file_ == nullptr) {
    auto opened = co_await pool_.open(path_, mode);
    if (!opened.has_value()) co_return std::unexpected(opened.error());
    // Somebody else may have opened it meanwhile; one descriptor is enough.
    if (file_ == nullptr) {
      file_ = std::move(*opened);
      pool_.opened(*this);
    }
  } else {
    pool_.touch(*this);
  }
  co_return Use(*this);
}

}  // namespace highwater::engine
