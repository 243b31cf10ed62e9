// The four codecs of Kafka's record batches. The libraries do the work; here is what Kafka's Java writes and reads
// around them (framing, flags, levels).
#pragma once

#include <cstddef>
#include <cstdint>

namespace highwater::compress {

enum class Codec : std::uint8_t { gzip, snappy, lz4, zstd };

enum class CompressError : std::uint8_t {
  corrupt,           // not what the codec writes, or damaged
  truncated,         // the input ended inside a frame, block or chunk
  output_too_large,  // more output than the caller allowed
  window_too_large,  // the frame asks for more history than we give
  unsupported,       // legal, but nobody writes it to Kafka (dictionaries)
};

// Working memory of a decompressor apart from its window, and the largest window. zstd's decoder refuses larger ones
// by default (ZSTD_WINDOWLOG_LIMIT_DEFAULT).
inline constexpr std::size_t working_memory_max = std::size_t{1} << 20;
inline constexpr std::size_t window_max = std::size_t{1} << 27;

}  // namespace highwater::compress
