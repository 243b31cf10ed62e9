// Decompression as a stream: the caller pulls as much as it wants, in slices, and stops whenever it likes. Nothing is
// ever inflated whole. Memory is working_memory_max at most, plus window_bytes() where the data needs a longer history;
// the caller counts that against its budget.
//
//   gzip    ISA-L; members one after another are one stream, garbage after a member is ignored (GZIPInputStream)
//   snappy  xerial framing (SnappyInputStream) or a bare snappy block, told apart by xerial's magic. A block is decoded
//           piece by piece with a ring of history; references beyond 512 KiB make the ring grow up to window_max, for
//           which the block is decoded again from its start
//   lz4     LZ4 frame as Lz4BlockInputStream accepts it; the header checksum is verified
//   zstd    frames one after another are one stream; dictionaries are refused
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "foundation/compress/codec.h"

namespace highwater::compress {

class ContextShelf;

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Fills `out` from its start and says how much. 0 with finished() is the end; 0 without is a pause in long work that
  // gives nothing yet: call again. Work per call is bounded by the size of `out` plus 256 KiB. After an error every
  // call gives the same error.
  Result<std::size_t, CompressError> read(MutableBytes out);

  bool finished() const { return finished_; }
  std::uint64_t produced() const { return produced_; }
  // History memory beyond working_memory_max that the data made us take.
  virtual std::size_t window_bytes() const = 0;

 protected:
  explicit Decompressor(std::uint64_t output_max) : output_max_(output_max) {}

  // One step of the codec; sets finished through finish().
  virtual Result<std::size_t, CompressError> step(MutableBytes out) = 0;
  void finish() { finished_ = true; }

 private:
  std::uint64_t output_max_;
  std::uint64_t produced_ = 0;
  bool finished_ = false;
  bool failed_ = false;
  CompressError error_ = CompressError::corrupt;
};

// `input` is the whole compressed stream and must outlive the decompressor, and so must the shelf, if one is given.
// Never null.
std::unique_ptr<Decompressor> make_decompressor(Codec codec, ByteView input, std::uint64_t output_max,
                                                ContextShelf* shelf = nullptr);

}  // namespace highwater::compress
