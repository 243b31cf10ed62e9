// One segment of a log: a `.log` file with its indexes. Bookkeeping only: where a batch lies, what the indexes say,
// what is on the disk already; LogStore decides when files are written. Sizes in bytes. Kafka: LogSegment.
//
// Indexes of the active segment are in memory whole. Those of older ones are read when somebody looks something up,
// and thrown away when the core's IndexMemory is full; what they say is on the disk since the segment was sealed.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/storage/open_files.h"
#include "engine/storage/segment_index.h"
#include "engine/storage/txn_index.h"
#include "foundation/base/time.h"
#include "machines/log/batch_facts.h"

namespace highwater::engine {

class Segment;

// Which older segments have their indexes in memory, at most so many bytes per core. Outlives the segments.
class IndexMemory {
 public:
  explicit IndexMemory(std::size_t limit) : limit_(limit) {}

 private:
  friend class Segment;
  void loaded(Segment& segment);
  void forget(Segment& segment);

  std::size_t limit_;
  std::size_t used_ = 0;
  std::deque<Segment*> in_order_;
};

struct SegmentRules {
  std::uint32_t index_interval_bytes = 4096;
  std::uint32_t index_bytes_max = 10 << 20;
};

class Segment {
 public:
  struct Deps {
    OpenFiles& files;
    IndexMemory& indexes;
  };
  Segment(Deps deps, const std::string& directory, Offset base, WallTime created);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const Offset base;
  std::uint64_t size = 0;     // with what is still on its way to the file
  std::uint64_t written = 0;  // of the file
  bool on_disk = false;       // the file was made and its name is durable
  bool sealed = false;        // no more appends; indexes are on the disk
  std::uint64_t synced = 0;   // of the file, known to be durable
  bool told_damaged = false;  // the log has a line about it
  std::size_t readers = 0;    // reads under way; a retired segment waits for them
  std::int64_t jitter_ms = 0;
  WallTime created;
  std::optional<std::int64_t> first_timestamp;  // max timestamp of the first batch
  TimestampOffset largest;                      // largest timestamp and the last offset of its batch
  PooledFile log;
  OffsetIndex offsets;
  TimeIndex times;
  TxnIndex aborted;
  bool aborted_on_disk = false;  // there is a file of them
  Slice start_snapshot;          // producers when it was begun, until the file is written

  // The batch comes next in the file. Counts it and makes the index entries that are due (one batch behind, as Kafka).
  void note(const log::BatchFacts& batch, const SegmentRules& rules);
  // The time index ends with the largest timestamp of the segment.
  void finish_times() { times.maybe_append(largest); }
  // The batches from `offset` on are gone; the file is `new_size` long. `largest` must be set anew by the caller.
  void truncate_to(Offset offset, std::uint64_t new_size);
  // Forgets everything that was noted, for reading the segment from its beginning.
  void reset();

  // The last batch that the offset index names comes next: counting begins there.
  void resume_index() { since_last_entry_ = 0; }

  bool offset_index_full(const SegmentRules& rules) const;
  bool time_index_full(const SegmentRules& rules) const;

  std::string path(std::string_view suffix) const;

  // Keeps a segment that is retired meanwhile.
  class Pin {
   public:
    explicit Pin(Segment& segment) : segment_(segment) { segment_.readers += 1; }
    ~Pin() { segment_.readers -= 1; }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;

   private:
    Segment& segment_;
  };

  // The files of the indexes hold just what memory holds; forgotten with the first entry more or less.
  void indexes_are_saved() { saved_ = Saved{offsets.size(), times.size(), aborted.entries().size()}; }
  // One that holds nothing any more is written too, else its old entries would come back.
  bool has_aborted_file() const { return aborted_on_disk || !aborted.entries().empty(); }
  // The files whose content is not on the disk yet.
  void add_indexes(std::vector<io::NewFile>& files) const;

  bool indexes_loaded() const { return indexes_loaded_; }
  enum class Eviction : std::uint8_t { never, allowed };
  // The entries are in memory: of the active segment for good, of others until memory is short.
  void indexes_are_loaded(Eviction eviction);
  void drop_indexes();
  // They must be read when somebody asks.
  void forget_indexes();

 private:
  friend class IndexMemory;

  struct Saved {
    std::size_t offsets, times, aborted;
    bool operator==(const Saved&) const = default;
  };

  IndexMemory& memory_;
  std::string directory_;
  std::optional<Saved> saved_;
  std::uint64_t since_last_entry_ = 0;
  bool indexes_loaded_ = false;
  bool evictable_ = false;
  std::size_t counted_ = 0;
};

}  // namespace highwater::engine
