// Everything that has a path, in call order on the file thread.
#pragma once

#include "io/file.h"
#include "io/linux/file_engine.h"

namespace highwater::io {

class LinuxFileSystem final : public FileSystem {
 public:
  explicit LinuxFileSystem(FileEngine& engine) : engine_(&engine) {}

  Future<IoResult<std::unique_ptr<File>>> open(std::string path, OpenMode mode) override;
  Future<IoResult<std::vector<DirectoryEntry>>> list(std::string directory) override;
  Future<IoStatus> make_directories(std::string path) override;
  Future<IoStatus> rename(std::string from, std::string to) override;
  Future<IoStatus> remove(std::string path) override;
  Future<IoStatus> remove_tree(std::string path) override;
  Future<IoStatus> sync_directory(std::string path) override;
  Future<IoResult<DiskSpace>> space(std::string path) override;
  Future<IoResult<Slice>> read_file(std::string path, std::size_t limit) override;
  Future<IoStatus> replace_file(std::string path, Slice content) override;
  Future<IoStatus> replace_files(std::vector<NewFile> files) override;

 private:
  FileEngine* engine_;
};

}  // namespace highwater::io
