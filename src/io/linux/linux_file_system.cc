#include "io/linux/linux_file_system.h"

#include "io/linux/linux_file.h"
#include "io/linux/paths.h"

namespace highwater::io {

namespace {

using Opened = IoResult<std::unique_ptr<File>>;

// The File is made on the loop, where it lives.
class OpenJob final : public Job {
 public:
  OpenJob(std::string path, OpenMode mode, FileEngine& engine, Promise<Opened> promise)
      : path_(std::move(path)), mode_(mode), engine_(&engine), promise_(std::move(promise)) {}

  void run() override { fd_ = paths::open(path_, mode_); }
  void finish() override {
    if (!fd_) return promise_.complete(std::unexpected(fd_.error()));
    auto file = std::make_shared<OpenFile>(std::move(*fd_), engine_->thread());
    promise_.complete(std::make_unique<LinuxFile>(std::move(file), *engine_));
  }

 private:
  std::string path_;
  OpenMode mode_;
  FileEngine* engine_;
  Promise<Opened> promise_;
  IoResult<Descriptor> fd_;
};

}  // namespace

Future<Opened> LinuxFileSystem::open(std::string path, OpenMode mode) {
  if (engine_->thread().full()) {
    engine_->refuse();
    return Future<Opened>::ready(std::unexpected(IoError::other));
  }
  auto [promise, future] = make_future<Opened>(engine_->ready());
  engine_->thread().submit(std::make_unique<OpenJob>(std::move(path), mode, *engine_, std::move(promise)));
  return std::move(future);
}

Future<IoResult<std::vector<DirectoryEntry>>> LinuxFileSystem::list(std::string directory) {
  return engine_->call<std::vector<DirectoryEntry>>([path = std::move(directory)] { return paths::list(path); });
}

Future<IoStatus> LinuxFileSystem::make_directories(std::string path) {
  return engine_->call<void>([path = std::move(path)] { return paths::make_directories(path); });
}

Future<IoStatus> LinuxFileSystem::rename(std::string from, std::string to) {
  return engine_->call<void>([from = std::move(from), to = std::move(to)] { return paths::rename(from, to); });
}

Future<IoStatus> LinuxFileSystem::remove(std::string path) {
  return engine_->call<void>([path = std::move(path)] { return paths::remove(path); });
}

Future<IoStatus> LinuxFileSystem::remove_tree(std::string path) {
  return engine_->call<void>([path = std::move(path)] { return paths::remove_tree(path); });
}

Future<IoStatus> LinuxFileSystem::sync_directory(std::string path) {
  return engine_->call<void>([path = std::move(path)] { return paths::sync_directory(path); });
}

Future<IoResult<DiskSpace>> LinuxFileSystem::space(std::string path) {
  return engine_->call<DiskSpace>([path = std::move(path)] { return paths::space(path); });
}

Future<IoResult<Slice>> LinuxFileSystem::read_file(std::string path, std::size_t limit) {
  return engine_->call<Slice>([path = std::move(path), limit] { return paths::read_file(path, limit); });
}

Future<IoStatus> LinuxFileSystem::replace_file(std::string path, Slice content) {
  return engine_->call<void>(
      [path = std::move(path), content = std::move(content)] { return paths::replace_file(path, content); });
}

Future<IoStatus> LinuxFileSystem::replace_files(std::vector<NewFile> files) {
  return engine_->call<void>([files = std::move(files)] { return paths::replace_files(files); });
}

}  // namespace highwater::io
