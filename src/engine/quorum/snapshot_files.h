// The snapshot files in the directory of the metadata log: which there are, how a new one comes to be and how old ones
// go. A snapshot is written as `<id>.checkpoint.part`, fsynced, renamed and the directory fsynced: a power cut leaves a
// whole one or none. One that goes is renamed `<id>.checkpoint.deleted` and removed a minute later, as Kafka does.
// One owner, on the core of the metadata log. Kafka: KafkaRaftLog, Snapshots, FileRawSnapshotWriter.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/quorum/snapshot_file.h"
#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "io/reactor.h"
#include "io/task.h"
#include "machines/metadata/image.h"
#include "machines/metadata/snapshot_rules.h"

namespace highwater::engine {

struct SnapshotOnDisk {
  SnapshotId id;
  metadata::SnapshotFacts facts;
};

class SnapshotFiles {
 public:
  // `directory` is that of the log. The reactor outlives this.
  SnapshotFiles(io::Reactor& reactor, std::string directory, Logger log);

  // Learns what is there; touches nothing. A directory that does not exist holds none.
  io::Task<Result<void>> open();
  // Removes what an earlier process began or meant to remove, and snapshots that end below the log's start.
  io::Task<void> remove_leftovers(Offset log_start);

  // Ascending.
  const std::vector<SnapshotOnDisk>& all() const { return all_; }
  std::vector<metadata::SnapshotFacts> facts() const;
  std::optional<SnapshotId> newest() const;
  std::string path(const SnapshotId& id) const;

  // Writes the image in slices; returns its size when it is durable. One at a time.
  struct Content {
    SnapshotId id;
    metadata::ImageHandle image;
    std::optional<SnapshotVoters> voters;
  };
  io::Task<Result<std::uint64_t>> write(Content content);
  // The write under way ends with a failure as soon as it can, and leaves nothing behind.
  void give_up() { given_up_ = true; }

  // Takes all that are older than `id` away. The log must begin there by now.
  io::Task<void> forget_before(SnapshotId id);

 private:
  io::Task<io::IoStatus> write_part(const Content& content, std::string part);
  io::Task<io::IoStatus> fill(io::File& file, const Content& content);
  io::Task<void> learn(SnapshotId id);
  io::Task<void> remove(std::vector<std::string> files);
  io::Task<void> remove_later(std::vector<std::string> files);

  io::Reactor& reactor_;
  std::string directory_;
  Logger log_;
  std::vector<SnapshotOnDisk> all_;
  std::vector<std::string> leftovers_;
  bool given_up_ = false;
  std::uint64_t written_bytes_ = 0;
  io::TaskGroup tasks_;  // last: frames go before what they refer to
};

}  // namespace highwater::engine
