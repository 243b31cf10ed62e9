// The newest batches of one log in memory: what is on its way to the file, and what was written lately, so that tailing
// readers are served without the file. Bytes are copied in once and handed out as counted slices. All logs of a core
// share one budget; written chunks of the log that was appended to longest ago go first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/file_part.h"
#include "foundation/base/ids.h"
#include "foundation/base/slice.h"

namespace highwater::engine {

class Tail;

// One per core; outlives the tails.
class TailMemory {
 public:
  // `limit` counts chunks of all tails; unwritten bytes may exceed it, since they cannot be thrown away: whoever admits
  // appends bounds those.
  TailMemory(std::size_t limit, std::size_t per_log) : limit_(limit), per_log_(per_log) {}

 private:
  friend class Tail;
  Slice take(std::size_t capacity);
  void give(Slice chunk);
  void appended(Tail& tail);
  void forget(Tail& tail);

  std::size_t limit_;
  std::size_t per_log_;
  std::size_t used_ = 0;
  std::vector<Slice> spare_;
  Tail* oldest_ = nullptr;
  Tail* newest_ = nullptr;
};

// A run of whole batches from the tail or from a file.
struct LogRead {
  std::vector<Slice> slices;
  FilePart file;  // instead of slices, when it is much and the page cache holds it
  std::size_t bytes = 0;
  Offset next_offset = no_offset;  // one past the last batch; of an empty read: where it looked
};

struct ReadLimits {
  Offset from = 0;
  Offset upper = 0;  // no batch that begins at or above it
  std::size_t max_bytes = 0;
  // whole: the first batch comes even when it is larger than max_bytes.
  enum class FirstBatch : std::uint8_t { within_limit, whole } first = FirstBatch::within_limit;
  bool may_stay_in_file = false;  // nobody will look at the bytes, they are only sent: LogRead::file
};

class Tail {
 public:
  explicit Tail(TailMemory& memory) : memory_(memory) {}
  ~Tail();
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // Where the copy of one batch lies: `length` bytes of `chunk` from `start` on. Good until the tail is touched again.
  struct Place {
    const Slice& chunk;
    std::size_t start = 0;
    std::size_t length = 0;
  };
  Place append(ByteView batch, Offset base, Offset last);

  // Nothing when the tail does not reach back to `limits.from`.
  std::optional<LogRead> read(const ReadLimits& limits) const;

  // Batches below `end` are in the file: they may go when memory is short.
  void written_up_to(Offset end) { written_ = end; }
  void truncate_to(Offset end);
  void clear();

 private:
  friend class TailMemory;
  struct Chunk {
    Slice block;
    std::size_t used = 0;
    std::size_t batches = 0;
  };
  struct Batch {
    Offset base;
    Offset last;
    std::uint64_t chunk;  // number of the chunk since the tail began
    std::uint32_t start;
    std::uint32_t length;
  };

  const Chunk& chunk_of(const Batch& batch) const {
    return chunks_[static_cast<std::size_t>(batch.chunk - first_chunk_)];
  }
  void add_chunk(std::size_t needed);
  bool drop_oldest_written();

  TailMemory& memory_;
  std::deque<Chunk> chunks_;
  std::deque<Batch> batches_;
  std::uint64_t first_chunk_ = 0;
  std::size_t bytes_ = 0;
  Offset written_ = 0;
  Tail* older_ = nullptr;
  Tail* newer_ = nullptr;
  bool listed_ = false;
};

}  // namespace highwater::engine
