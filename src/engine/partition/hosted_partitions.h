// The partitions of one core, each from its assignment until its log is gone, and who may be asked. Owned by the core's
// PartitionHost; whoever changes the state of one says so at HostedPartition::State. Kafka: HostedPartition and
// ReplicaManager.allPartitions.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/partition/assignment.h"
#include "engine/partition/directories.h"
#include "engine/partition/outcomes.h"
#include "engine/partition/partition.h"
#include "engine/partition/under_way.h"
#include "foundation/base/result.h"
#include "machines/configs/topic_settings.h"

namespace highwater::engine {

// A copy of a log in another directory, in the making.
struct FutureLog {
  std::uint64_t number = 0;  // of the move: a later one calls it off
  std::size_t directory = 0;
  std::string path;
  std::map<std::string, std::uint64_t> copied;  // names and bytes of files
  std::uint64_t copied_bytes = 0;
  Offset copied_end = 0;
  std::optional<LogPosition> position;  // once it may have the log's name: it counts for the checkpoints then
};

struct HostedPartition {
  //   opening ─┬─ open ── moving ── opening     assigned; asked to move; closed here, to be opened there or here
  //            ├─ no_room ── opening            tried again
  //            └─ failed                        for the life of this process
  // Each goes to `removing` when its partition is removed, opening and moving by way of `doomed`; one that has
  // no files yet is gone as soon as its turn comes.
  enum class State : std::uint8_t {
    opening,   // its log is made or opened
    open,      // it may have gone offline since
    moving,    // nobody is served until its log is open again, in another directory or where it was
    no_room,   // its log could not be made or opened for want of space
    failed,    // its log could not be opened
    doomed,    // its log is made, opened or moved, and removed as soon as that has ended
    removing,  // its log is renamed
  };
  State state = State::opening;
  Assignment assignment;
  configs::TopicSettings settings;
  std::unique_ptr<Partition> partition;  // none before it is opened for the first time
  UnderWay users;                        // whoever needs its log to stay as it is
  bool has_folder = false;               // the folder of its name is its own, be it made in part
  bool is_wanted_again = false;          // it was assigned while it is going: made anew when it is gone

  // opening, no_room, failed: what is known of its log; nothing of a new one.
  std::optional<FoundLog> before;
  std::vector<FoundLog> twins;   // in other directories, until one is chosen; with `before`
  std::vector<FoundLog> copies;  // that moves left, until the log is open
  // open, moving: on its way to another directory of this node.
  std::optional<FutureLog> future;

  // Then assignments and settings take effect when that has ended.
  bool is_opening() const { return state == State::opening || state == State::moving || state == State::doomed; }
  bool is_going() const { return state == State::doomed || state == State::removing; }
  bool has_open_log() const { return state == State::open || state == State::moving; }
  bool is_online() const { return state == State::open && partition->online(); }
  // Something of its log is in the directories of this node, whole or not.
  bool has_files() const { return has_folder || before.has_value() || !twins.empty() || !copies.empty(); }
};

class HostedPartitions {
 public:
  using Map = std::map<TopicPartition, HostedPartition>;

  // Makes an entry, or gives the one that is there.
  HostedPartition& add(const TopicPartition& id);
  HostedPartition& at(const TopicPartition& id) { return all_.at(id); }
  // In whatever state; null when there is none.
  HostedPartition* find(const TopicPartition& id);
  // Its entry goes.
  std::unique_ptr<Partition> take_out(const TopicPartition& id);
  Map& all() { return all_; }
  const Map& all() const { return all_; }

  // One that answers requests: open, or with KAFKA_STORAGE_ERROR. Never null; else what a request hears.
  Result<HostedPartition*, ErrorCode> serving(const TopicPartition& id) const;
  // From now on none does.
  void stop_serving() { stopping_ = true; }
  bool is_stopping() const { return stopping_; }

  // Where each log stands, those that are not open as the checkpoints said before; none that is going, so that the
  // checkpoints, which are written whole, forget it.
  std::vector<LogPosition> positions() const;

 private:
  Map all_;
  absl::flat_hash_map<TopicPartition, HostedPartition*, TopicPartitionHash> by_id_;  // for requests; never iterated
  bool stopping_ = false;
};

LogPosition position_of(const Partition& partition);
// What the checkpoints said.
LogPosition position_of(const FoundLog& log);

}  // namespace highwater::engine
