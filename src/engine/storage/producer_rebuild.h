// Brings a log's producer table to a given end: the newest good snapshot at or below it, then the batches behind that.
// Snapshots above the end describe a log that no longer exists and are to be removed, once it is known that the log is
// not damaged. Kafka: UnifiedLog.rebuildProducerState.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/storage/segment.h"
#include "foundation/base/log.h"
#include "io/reactor.h"
#include "io/task.h"
#include "machines/log/admission.h"

namespace highwater::engine {

class ProducerRebuild {
 public:
  struct Deps {
    io::Reactor& reactor;
    OpenFiles& files;
    const Logger& logger;
  };
  ProducerRebuild(Deps deps, std::string directory, std::int64_t expiration_ms)
      : deps_(deps), directory_(std::move(directory)), expiration_ms_(expiration_ms) {}

  // Only the producers of `admission` change, no file does. Batches below its log start do not count.
  io::Task<io::IoStatus> run(log::Admission& admission, const std::vector<std::unique_ptr<Segment>>& segments,
                             Offset end);
  // The snapshots that run() found to be of no use.
  io::Task<io::IoStatus> remove_useless();

 private:
  io::Task<io::IoStatus> load_newest(log::Admission& admission, const std::vector<std::unique_ptr<Segment>>& segments,
                                     Offset end);
  void leave_out_strays(std::vector<Offset>& snapshots, const std::vector<std::unique_ptr<Segment>>& segments);
  io::Task<io::IoStatus> replay(log::Admission& admission, Segment& segment, Offset end);

  Deps deps_;
  std::string directory_;
  std::int64_t expiration_ms_;
  std::vector<std::string> useless_;  // paths
};

}  // namespace highwater::engine
