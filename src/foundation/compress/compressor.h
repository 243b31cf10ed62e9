// Compression as a stream, giving what Kafka's Java reads and (framing and flags) what it writes: xerial snappy in
// 32 KiB chunks; LZ4 frames of independent 64 KiB blocks without checksums; gzip; zstd. For our client, for tests and
// for topics whose compression.type differs from the producer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/compress/codec.h"

namespace highwater::compress {

class ContextShelf;

// Bounds and defaults are those of compression.gzip.level, compression.lz4.level, compression.zstd.level (KIP-390).
struct Levels {
  int gzip = -1;  // 1..9, -1 is zlib's default
  int lz4 = 9;    // 1..17; 9, the default, is Kafka's spelling of the fast compressor
  int zstd = 3;   // -131072..22
};

class Compressor {
 public:
  virtual ~Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  virtual void write(ByteView bytes) = 0;
  // Ends the stream; no write may follow. What was compressed is appended to the vector given at the beginning.
  virtual void finish() = 0;

 protected:
  Compressor() = default;
};

// Output is appended to `out`, which must outlive the compressor and not be touched meanwhile; a shelf, if one is
// given, must outlive it too. Never null. Levels out of their bounds are brought to the nearest one.
std::unique_ptr<Compressor> make_compressor(Codec codec, const Levels& levels, std::vector<std::uint8_t>& out,
                                            ContextShelf* shelf = nullptr);

std::vector<std::uint8_t> compress_all(Codec codec, ByteView bytes, const Levels& levels = {});

}  // namespace highwater::compress
