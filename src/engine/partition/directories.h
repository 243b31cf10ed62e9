// The log directories of a node as a whole: checkpoints that cover all their partitions, and the marker of a clean
// stop. Owned by core 0. File formats: OffsetCheckpointFile, CleanShutdownFileHandler. Formatting, meta.properties and
// the directory's lock are not here: whoever starts the node holds them.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/routing/cores.h"
#include "engine/storage/checkpoint_text.h"
#include "foundation/base/ids.h"
#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "io/reactor.h"
#include "io/task.h"

namespace highwater::engine {

enum class Shutdown : std::uint8_t { clean, unclean };

// A partition's directory as it was found at start, with what the checkpoints say of it.
struct FoundLog {
  std::string path;   // <log.dir>/<topic>-<index>, or that of a copy
  std::string topic;  // from the directory's name
  std::int32_t index = 0;
  std::optional<Uuid> topic_id;  // from partition.metadata
  // Why that file cannot be read, with its path. It is the log of whatever topic has its name, and stays closed.
  std::optional<std::string> damage;
  std::size_t directory = 0;  // number of the log directory
  // Left by a move that was cut short. Nothing of it counts as synced.
  bool is_copy = false;
  Shutdown shutdown = Shutdown::unclean;
  Offset recovery_point = 0;
  std::optional<Offset> high_watermark;
  Offset log_start = 0;
};

// Where a log stands now.
struct LogPosition {
  std::size_t directory = 0;
  std::string topic;
  std::int32_t index = 0;
  Offset recovery_point = 0;
  Offset high_watermark = 0;
  Offset log_start = 0;
  Offset first_segment = 0;  // base offset; a start offset above it goes into the checkpoint
};

class Directories {
 public:
  // One of log.dirs; everywhere else it is the number that it has in that list.
  struct Directory {
    std::string path;
    Uuid id;  // directory.id
  };
  Directories(io::Reactor& reactor, Logger logger, std::vector<Directory> all);

  // Reads checkpoints and markers, lists partitions, removes the markers. Fails with a sentence that names the file. A
  // partition.metadata that makes no sense concerns its log alone; Apache Kafka takes the whole directory away, or
  // ends.
  io::Task<Result<std::vector<FoundLog>>> open();

  // The broker epoch that every marker agrees on, else nothing (KIP-966's previous broker epoch).
  std::optional<BrokerEpoch> previous_broker_epoch() const { return previous_epoch_; }
  const std::vector<Directory>& all() const { return all_; }

  // The right to write checkpoints, one at a time. Whoever asks the logs where they stand holds it from then until that
  // is written, so that nothing older than a forget() is written after it.
  class Turn {
   public:
    explicit Turn(Directories& of) : of_(&of) {}
    Turn(Turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (of_ != nullptr) of_->end_turn();
    }

   private:
    Directories* of_;
  };
  io::Task<Turn> turn();

  // The checkpoints name logs, not topic ids. Before a log is made under a name, what they say of an older one of that
  // name goes, durably: after a crash the new log would be recovered from where the old one stood. Writes only when
  // they say something.
  struct LogName {
    std::size_t directory = 0;
    std::string topic;
    std::int32_t index = 0;

    auto operator<=>(const LogName&) const = default;
  };
  void forget(LogName name, Reply<Result<void>> reply);
  // Whatever was there at the last stop has been asked for: a log that is made from now on is a new one. Until then one
  // whose checkpoint tells of records, and whose folder is not there under any of its names, is told of when it is made
  // anew. Apache Kafka makes it without a word.
  void end_start() { gone_.clear(); }

  // Topics of one name that are made at the same time, perhaps on different cores, take turns from the look at the path
  // until its partition.metadata names the topic: else the directory of one would become that of the other. Replies
  // when it is the caller's turn; every turn must be ended.
  void begin_making(LogName name, Reply<io::Done> reply);
  void end_making(const LogName& name);

  // The start offsets of these logs are in their checkpoints, durably, when it replies. Many calls share a write.
  void raise_log_starts(std::vector<LogPosition> logs, Reply<Result<void>> reply);

  // Nothing is written there any more, for the life of this process.
  void set_offline(std::size_t number) { offline_[number] = true; }
  bool is_offline(std::size_t number) const { return offline_[number]; }

  // Each replaces its file durably, in every directory where it changed. To be called with the turn taken.
  io::Task<Result<void>> checkpoint_recovery_points(std::vector<LogPosition> logs);
  io::Task<Result<void>> checkpoint_high_watermarks(std::vector<LogPosition> logs);
  io::Task<Result<void>> checkpoint_log_starts(std::vector<LogPosition> logs);
  // After every log of these directories is closed and every checkpoint is written, and not before. One that is offline
  // gets no marker, and its logs are recovered when it is back; the others are not (LogManager.shutdown).
  io::Task<Result<void>> mark_clean(BrokerEpoch epoch, std::vector<std::size_t> closed);

 private:
  enum class OnDisk : std::uint8_t { absent, as_here, unknown };
  struct Checkpoint {
    OffsetsByName offsets;
    OnDisk on_disk = OnDisk::unknown;
  };
  struct Checkpoints {
    Checkpoint recovery_points;
    Checkpoint high_watermarks;
    Checkpoint log_starts;
  };
  struct Doomed {
    LogName name;
    Reply<Result<void>> reply;
  };
  io::Task<Result<std::optional<BrokerEpoch>>> open_one(std::size_t number, std::vector<FoundLog>& found);
  io::Task<Result<void>> read_checkpoints(std::size_t number);
  io::Task<Result<void>> read_offsets(std::string path, Checkpoint& checkpoint);
  io::Task<Result<void>> read_topic_id(FoundLog& log);
  void note_gone(std::size_t number, const std::vector<io::DirectoryEntry>& entries);
  void tell_if_gone(const LogName& name);
  io::Task<Result<void>> write_offsets(std::string path, Checkpoint& checkpoint, OffsetsByName offsets);
  io::Task<Result<void>> write_all(std::string_view name, Checkpoint Checkpoints::* which,
                                   std::vector<OffsetsByName> by_directory);
  struct Raised {
    std::vector<LogPosition> logs;
    Reply<Result<void>> reply;
  };
  io::Task<void> forget_doomed();
  io::Task<void> write_raised();
  io::Task<Result<void>> write_log_starts_of(const std::vector<Raised>& raised);
  io::Task<Result<void>> write_without(const std::vector<Doomed>& doomed, std::string_view name,
                                       Checkpoint Checkpoints::* which);
  void end_turn();

  io::Reactor& reactor_;
  Logger logger_;
  std::vector<Directory> all_;
  std::optional<BrokerEpoch> previous_epoch_;
  std::vector<Checkpoints> checkpoints_;  // by directory, as last read or written
  std::vector<bool> offline_;             // by directory
  bool turn_is_taken_ = false;
  std::vector<io::Promise<io::Done>> turn_waiters_;
  std::map<LogName, Offset> gone_;  // how far the checkpoints say they went
  std::vector<Doomed> doomed_;
  bool forgetting_ = false;
  std::vector<Raised> raised_;
  bool raising_ = false;
  std::map<LogName, std::deque<Reply<io::Done>>> making_;  // names that somebody makes, and who waits for them
  io::TaskGroup tasks_;                                    // last: frames go before what they refer to
};

}  // namespace highwater::engine
