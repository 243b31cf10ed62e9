// Decodes one snappy block of any size piece by piece. For this room only. The library can only inflate a block whole;
// it is used for small blocks, and this decoder (the format's tags over a ring of history) for the others.
// Format: google/snappy format_description.txt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "foundation/compress/codec.h"
#include "foundation/compress/history_ring.h"

namespace highwater::compress {

class SnappyBlock {
 public:
  // Starts on a block; its declared size must not exceed `output_left`.
  Result<void, CompressError> open(ByteView block, std::uint64_t output_left);
  // As Decompressor::read; done() tells the end.
  Result<std::size_t, CompressError> read(MutableBytes out);
  bool done() const { return delivered_ == declared_; }
  std::size_t window_bytes() const;

 private:
  Result<void, CompressError> parse_tag();
  Result<void, CompressError> reach_back(std::size_t distance);
  void rewind();

  ByteView block_;  // after the length preamble
  std::size_t cursor_ = 0;
  std::uint64_t declared_ = 0;
  std::uint64_t delivered_ = 0;
  bool whole_ = false;  // decoded by the library into small_
  std::vector<std::uint8_t> small_;
  HistoryRing ring_;
  std::size_t literal_left_ = 0;
  std::size_t copy_left_ = 0;
  std::size_t copy_distance_ = 0;
};

}  // namespace highwater::compress
