// Opens the files of one log: cleans up what a crash left, loads segments and checkpoints, recovers what was not
// flushed. Rules of Kafka's LogLoader, and one that is stricter: bytes below the recovery point are never cut; when
// they are damaged, or the log ends before it, the log is not opened, and the message says where.
//
// What recovery found valid is synced before the log opens, since after a killed process it may be in the page cache
// only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/storage/log_store.h"

namespace highwater::engine {

class LogLoader {
 public:
  LogLoader(LogStore& store, OpenPlan plan) : store_(store), plan_(plan) {}

  io::Task<Result<OpenReport, OpenFailure>> open();

 private:
  io::Task<Result<OpenReport>> load();
  io::Task<io::IoStatus> make_directory();
  io::Task<Result<void>> make_new();
  io::Task<Result<void>> clean_up(std::vector<io::DirectoryEntry> entries);
  io::Task<Result<void>> finish_swaps(std::vector<std::string> swaps, std::vector<std::string> others);
  io::Task<Result<void>> open_segments(std::vector<Offset> bases);
  io::Task<Result<void>> load_epochs();
  io::Task<Result<void>> load_aborted(std::size_t segments);
  io::Task<Result<void>> rebuild_aborted(std::size_t number);
  io::Task<Result<Offset>> load_cleanly();
  io::Task<Result<void>> remove(std::string path);
  io::Task<Result<bool>> indexes_fit(Segment& segment);
  io::Task<Result<std::optional<log::BatchFacts>>> first_batch(Segment& segment, std::uint64_t position, Offset offset);
  io::Task<Result<void>> read_to_end(Segment& segment, Offset& end);

  // log_recovery.cc
  io::Task<Result<Offset>> recover();
  // Why a batch cannot be what stands at `end` of this log; null when it can.
  static const char* damage_of(const records::RawBatch& batch, const Segment& segment, Offset end);
  static void note_aborted(Segment& segment, const log::Admission::Applied& applied);
  // Where the valid part of the segment ends; the log's end moves along.
  io::Task<Result<std::uint64_t>> recover_segment(Segment& segment);
  io::Task<Result<void>> write_again(Segment& segment);
  io::Task<Result<void>> cut_at(std::size_t segment, std::uint64_t position);
  io::Task<Result<Offset>> drop_empty_segments(Offset end);

  Failure broken(const std::string& path, io::IoError error);
  Failure damaged(std::string text);
  // Whether records are missing when a log ends at `end`: everything below the recovery point was on the disk.
  bool lost_below_recovery_point(Offset end) const;
  Failure ends_too_early(const std::string& path, Offset end);

  LogStore& store_;
  OpenPlan plan_;
  OpenReport report_;
  OpenFailure::Cause cause_ = OpenFailure::Cause::doubt;  // of what was last told
};

}  // namespace highwater::engine
