// The files of one log: segments in Kafka's format with their indexes, the leader epoch checkpoint, producer snapshots.
// Executes what machines/log decides. One per log, on the log's core; used by engine/partition for partitions and by
// engine/quorum for the metadata log.
//
//   append() ─► tail (memory) ─► one write per turn and segment ─► written_end ─► fdatasync ─► durable_end
//
// Group commit: what is appended while a write is under way leaves with the next one. In fsync durability each write is
// followed by its fdatasync; in page-cache durability only flush(), a roll and close() sync.
//
// Failures (rule W11):
//   no space   the partial write is cut back, everything above written_end is taken back, also from the Admission; the
//              listener hears it; later appends are tried anew once the state is ready() again
//   any doubt  the log is fenced for the life of the process: no append, no read at or above durable_end
// Files: docs/formats/log.md. Index entries and checkpoints are complete on the disk after a roll and after close();
// between, recovery makes them anew from the active segment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/storage/open_files.h"
#include "engine/storage/segment.h"
#include "engine/storage/tail.h"
#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "foundation/compress/context_shelf.h"
#include "io/reactor.h"
#include "io/task.h"
#include "machines/configs/topic_settings.h"
#include "machines/log/admission.h"
#include "machines/log/producer_snapshot.h"

namespace highwater::engine {

// What the logs of one core share. Outlives them.
struct StoreShared {
  StoreShared(io::FileSystem& files, std::size_t open_files, std::size_t tail_bytes, std::size_t index_bytes)
      : files(files, open_files), tails(tail_bytes, std::size_t{1} << 20), indexes(index_bytes) {}

  OpenFiles files;
  TailMemory tails;
  IndexMemory indexes;
  compress::ContextShelf shelf;                      // for batches that are validated or rewritten
  std::int64_t producer_expiration_ms = 86'400'000;  // producer.id.expiration.ms
};

struct StoreCounters {
  std::uint64_t appended_batches = 0;
  std::uint64_t appended_bytes = 0;
  std::uint64_t writes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t rolls = 0;
  std::uint64_t reads_from_tail = 0;
  std::uint64_t reads_from_files = 0;
  std::uint64_t no_space = 0;
  std::uint64_t fenced = 0;
};

enum class StoreError : std::uint8_t {
  fenced,        // doubt about this log's files
  rolled_back,   // no space: what was appended has been taken back
  unreadable,    // this read failed; the next may not
  out_of_range,  // below the log's start or above its end
  closed,
};

// What the owner of a log hears. Called from the log's own turn; it must not destroy the log there.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  // One of the ends moved up.
  virtual void on_progress() = 0;
  // Everything from `end` on is gone. The log takes appends again when on_ready() comes.
  virtual void on_rolled_back(Offset end) = 0;
  virtual void on_ready() = 0;
  virtual void on_fenced(const std::string& reason) = 0;
};

// What the checkpoints of the log's directory say about it.
struct OpenPlan {
  bool was_closed_cleanly = false;  // the directory carried the marker of a clean stop
  Offset recovery_point = 0;        // below it everything was flushed
  Offset log_start = 0;
  Offset covered = 0;  // below it a snapshot holds everything: a log that ends there is behind, not damaged
};

struct OpenReport {
  std::uint64_t truncated_bytes = 0;  // above the recovery point
  std::uint32_t recovered_segments = 0;
};

// Doubt: the disk failed to do what it was asked, which other logs there may meet too. Damage: it gave what cannot be
// this log's, which concerns this log alone. Want of space or of descriptors says nothing about the log: another
// LogStore may open it later.
struct OpenFailure : Failure {
  enum class Cause : std::uint8_t { doubt, damage, no_room };
  Cause cause = Cause::doubt;
};

class LogStore final : private io::TurnEndHook {
 public:
  struct Deps {
    io::Reactor& reactor;
    StoreShared& shared;
    StoreCounters& counters;
    Logger logger;
  };
  // `directory` is the log's own, `<log.dir>/<topic>-<index>`.
  LogStore(Deps deps, std::string directory, const configs::TopicSettings& settings, StoreListener& listener);
  ~LogStore();

  // Once, before anything else. Makes the directory if it is missing. Fails with a sentence that names file and
  // position when bytes below the recovery point are damaged or missing: nothing is cut then.
  io::Task<Result<OpenReport, OpenFailure>> open(OpenPlan plan);

  // What may come next, and the log's producers and epochs. become_leader() and the like go through it; append() calls
  // its apply().
  log::Admission& admission() { return admission_; }
  const log::Admission& admission() const { return admission_; }

  bool ready() const { return state_ == State::ready; }
  bool fenced() const { return state_ == State::fenced; }

  // One whole batch, stamped, at or above the log's end; only when ready(). The bytes are copied.
  void append(ByteView batch, const log::BatchFacts& facts);
  // Ready when everything appended so far is durable, whatever the durability setting says.
  io::Future<Result<void, StoreError>> flush();
  // Epochs were changed through admission(): the checkpoint is written with the next roll, recovery point or close.
  void note_epochs_changed() { epochs_dirty_ = true; }
  io::Task<Result<void, StoreError>> write_epochs();

  Offset start() const { return admission_.log_start(); }
  Offset end() const { return admission_.log_end(); }
  Offset written_end() const { return written_end_; }
  Offset durable_end() const { return durable_end_; }
  // What may be acknowledged: written or durable, as the settings say.
  Offset committed_end() const;
  Offset first_segment_base() const { return segments_.front()->base; }
  // Base of the segment that holds `offset`.
  Offset segment_base_of(Offset offset) const;
  // Segments that begin below it are closed and whole in their files. Want of space may open the last of them again.
  Offset sealed_end() const;
  // Of the segment that begins there; 0 when none does.
  std::uint64_t bytes_of_segment(Offset base) const;
  std::uint64_t size_bytes() const;
  // Appended and still only in memory.
  std::uint64_t unwritten_bytes() const;
  std::size_t segment_count() const { return segments_.size(); }
  const std::string& directory() const { return directory_; }

  // Only from memory; nothing means that read() must be asked.
  std::optional<LogRead> try_read(const ReadLimits& limits);
  // `limits.from` within [start, end].
  io::Task<Result<LogRead, StoreError>> read(ReadLimits limits);

  struct Found {
    std::int64_t timestamp = -1;
    Offset offset = no_offset;
    Epoch leader_epoch = no_epoch;
  };
  // The first record at or after `timestamp`, below `upper`.
  io::Task<Result<std::optional<Found>, StoreError>> find_by_time(std::int64_t timestamp, Offset upper);
  // The first record that has the largest timestamp.
  io::Task<Result<std::optional<Found>, StoreError>> find_largest_time();
  // Aborted transactions that touch [from, upper).
  std::vector<AbortedTxn> aborted_between(Offset from, Offset upper) const;

  // Cuts the log so that it ends at `end` (a follower that diverged, a raft log); waits for the file. A recovery point
  // above `end` must have left its checkpoint before, durably: a log that ends below it is not opened again.
  io::Task<Result<void, StoreError>> truncate_to(Offset end);
  // Throws everything away; the log begins anew at `offset`.
  io::Task<Result<void, StoreError>> restart_at(Offset offset);
  // The log begins at `offset`, within [start, end], from now on. What lies below stays in its files for the while.
  Result<void, StoreError> move_start(Offset offset);
  // Segments that lie wholly below the start go away after file.delete.delay.ms. The start should be durable before.
  bool has_segments_below_start() const;
  io::Task<void> remove_below_start();
  // Both, and the epochs are written down.
  io::Task<Result<void, StoreError>> advance_start(Offset offset);

  void configure(const configs::TopicSettings& settings) {
    settings_ = settings;
    resume_commits();
  }
  const configs::TopicSettings& settings() const { return settings_; }

  // Writes out and syncs everything, ends indexes as Kafka does, leaves a producer snapshot at the end. Nothing may be
  // called afterwards but the destructor.
  io::Task<Result<void, StoreError>> close();
  // The same, but for the small files that end the log: they are added to `last`, and the log is closed cleanly when
  // whoever closes many logs has replaced all of them (FileSystem::replace_files). Only what the disk lacks is added.
  io::Task<Result<void, StoreError>> close_but_for(std::vector<io::NewFile>& last);
  // Stops using the files without writing anything; for a log whose directory goes away.
  io::Task<void> abandon();

 private:
  enum class State : std::uint8_t { closed, ready, repairing, fenced };

  struct Staged {
    Segment* segment = nullptr;
    Slice chunk;
    std::size_t start = 0;
    std::size_t length = 0;
    Offset end = 0;  // one past its last batch
  };
  struct FlushWaiter {
    Offset end;
    io::Promise<Result<void, StoreError>> promise;
  };
  friend class LogLoader;

  // Appending and group commit: log_store.cc, log_commit.cc.
  void at_turn_end() override;
  void roll_if_due(const log::BatchFacts& facts);
  void add_segment(Offset base);
  void begin_snapshot(Segment& segment);
  bool step_snapshot();
  io::Task<Slice> encode_producers();
  io::Task<void> commit_loop();
  io::Task<io::IoStatus> write_group(std::vector<Staged> group);
  io::Task<io::IoStatus> write_run(std::span<const Staged> run);
  io::Task<io::IoStatus> sync_all();
  io::Task<void> idle();
  io::Task<io::IoStatus> begin_segment(Segment& segment);
  io::Task<io::IoStatus> save_epochs();
  io::Task<io::IoStatus> seal_segment(Segment& segment);
  io::Task<io::IoStatus> sync_segment(Segment& segment);
  io::Task<io::IoResult<PooledFile::Use>> use_patiently(PooledFile& file);
  io::Task<void> sync_sealed();
  io::Task<io::IoStatus> write_indexes(Segment& segment);
  io::NewFile epochs_file() const;
  io::Task<void> commit_failed(io::IoError error);
  void tell_of_no_room(io::IoError error);
  io::Task<void> roll_back();
  void fence(std::string reason);
  void answer_flushes();
  bool wants_sync() const;
  void resume_commits();

  // The producers as they were when the segment was begun, on their way into its start_snapshot.
  struct Drafting {
    Segment& segment;
    log::SnapshotDraft draft;
  };

  // Looking up: log_lookup.cc. The first record from `position` on that is wanted.
  struct Wanted {
    std::int64_t timestamp;  // or later
    Offset from;
    Offset upper;  // below it
  };
  io::Task<Result<std::optional<Found>, StoreError>> find_in(Segment& segment, std::uint64_t position, Wanted wanted);

  // Reading: log_read.cc.
  Segment* segment_at(Offset offset) const;
  Segment* segment_after(Offset base) const;  // null behind the last one
  // Number of the first segment behind `base`: segments in front may go while a loop over them waits.
  std::size_t number_after(Offset base) const;
  io::Task<io::IoStatus> load_indexes(Segment& segment);
  io::Task<std::optional<Found>> find_in_batch(records::RawBatch raw, Slice holder, Wanted wanted);
  io::Task<io::IoStatus> renew_indexes(Segment& segment);
  io::Task<io::IoStatus> rebuild_indexes(Segment& segment);
  struct BatchPlace {
    std::uint64_t position = 0;
    Slice header;  // empty: not read yet
  };
  io::Task<io::IoResult<BatchPlace>> look_up(Segment& segment, Offset from);
  io::Task<io::IoResult<std::uint64_t>> skip_large_batches(Segment& segment, BatchPlace place, Offset from);
  std::unexpected<io::IoError> damaged(Segment& segment, Offset from);
  io::IoResult<LogRead> ends_too_early(Segment& segment, LogRead nothing);
  io::Task<io::IoResult<LogRead>> read_segment(Segment& segment, ReadLimits limits);
  io::Task<io::IoResult<LogRead>> point_into_file(Segment& segment, std::uint64_t position, ReadLimits limits);
  io::Task<io::IoResult<std::optional<std::uint64_t>>> find_first(Segment& segment, std::uint64_t position,
                                                                  Offset from);
  OffsetPosition end_of_read(const Segment& segment, std::uint64_t position, const ReadLimits& limits) const;
  io::Task<io::IoResult<Slice>> read_bytes(Segment& segment, std::uint64_t position, std::size_t length);

  // Truncation: log_truncate.cc.
  io::Task<io::IoStatus> cut_active(Offset end, std::uint64_t position);
  io::Task<io::IoStatus> cut_whole(Offset end_offset);
  io::Task<io::IoStatus> rebuild_producers();
  io::Task<io::IoStatus> refresh_largest(Segment& segment);
  io::Task<void> remove_files(std::vector<std::string> paths);
  io::Task<void> remove_later(std::vector<std::string> paths);
  void retire(std::unique_ptr<Segment> segment, std::vector<std::string>& paths);

  SegmentRules segment_rules() const;

  io::Reactor& reactor_;
  StoreShared& shared_;
  StoreCounters& counters_;
  Logger logger_;
  std::string directory_;
  configs::TopicSettings settings_;
  StoreListener& listener_;
  State state_ = State::closed;
  log::Admission admission_;
  std::vector<std::unique_ptr<Segment>> segments_;  // by base offset; the last one is active
  std::vector<std::unique_ptr<Segment>> retired_;   // somebody may still read them
  Tail tail_;
  std::vector<Staged> staged_;
  std::vector<FlushWaiter> flushes_;
  std::optional<Drafting> drafting_;
  Offset written_end_ = 0;
  Offset durable_end_ = 0;
  bool committing_ = false;
  Instant no_room_told_at_;              // a full disk refuses every append
  std::uint64_t no_room_held_back_ = 0;  // and not each of them is worth a line
  bool syncing_sealed_ = false;
  bool epochs_dirty_ = false;
  bool epochs_on_disk_ = false;
  std::vector<io::Promise<io::Done>> idle_waiters_;
  io::TaskGroup tasks_;  // last: frames go before what they refer to
};

}  // namespace highwater::engine
