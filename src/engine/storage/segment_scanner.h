// Walks the batches of a segment file from some position on, in windows: load() reads, next() takes batches out of what
// was read. For recovery, lookups by time and the rebuilding of indexes. Memory: one window, or the largest batch.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/storage/open_files.h"
#include "io/reactor.h"
#include "io/task.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

class SegmentScanner {
 public:
  static constexpr std::size_t window_bytes = std::size_t{512} << 10;

  // Both must outlive the scanner. `end` is how far the file is to be believed.
  SegmentScanner(io::Reactor& reactor, PooledFile& file, std::uint64_t position, std::uint64_t end)
      : reactor_(reactor), file_(file), position_(position), end_(end) {}

  // True when next() may have something; false at the end or where no whole batch follows. Gives the loop a chance
  // between two windows (rule L1).
  io::Task<io::IoResult<bool>> load();
  // Batches of this window; their bytes live until the following load().
  std::optional<records::RawBatch> next();
  // Keeps them alive for longer.
  const Slice& window() const { return window_; }

  // Where the next unread batch begins in the file; after the last one, where the readable part ends.
  std::uint64_t position() const { return position_; }
  // Where the batch that next() gave last begins.
  std::uint64_t batch_position() const { return batch_position_; }
  // Why load() said false: clean, or what stands at position().
  records::ScanEnd end() const { return ended_; }

 private:
  std::uint64_t wanted_here() const;

  io::Reactor& reactor_;
  PooledFile& file_;
  std::uint64_t position_;
  std::uint64_t batch_position_ = 0;
  std::uint64_t end_;
  Slice window_;
  records::BatchScanner scanner_{ByteView{}};
  std::uint64_t window_start_ = 0;
  records::ScanEnd ended_ = records::ScanEnd::clean;
};

}  // namespace highwater::engine
