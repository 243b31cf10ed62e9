// `.lock` in the root of every log directory: the same lock that Apache Kafka takes, so that never two processes, ours
// or theirs, have one directory. Held until destroyed. Kafka: org.apache.kafka.storage.internals.utils.FileLock.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "foundation/base/result.h"
#include "io/file.h"
#include "io/task.h"

namespace highwater::node {

class DirectoryLocks {
 public:
  // All or none; also makes sure that the directories can be written. The failure names the directory and the way out.
  io::Task<Result<void>> take(io::FileSystem& files, std::vector<std::string> directories);
  void release() { files_.clear(); }

 private:
  std::vector<std::unique_ptr<io::File>> files_;
};

}  // namespace highwater::node
