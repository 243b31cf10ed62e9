#include <snappy.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "foundation/compress/codecs.h"
#include "foundation/compress/snappy_block.h"

namespace highwater::compress {
namespace {

// Xerial's framing (snappy-java SnappyCodec, SnappyInputStream): magic, version, least compatible version, then chunks
// of a big-endian length and a block each. The magic may come again in the middle, where streams were joined.
constexpr std::array<std::uint8_t, 8> magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t frame_header_size = 16;
constexpr std::uint32_t version = 1;

std::uint32_t load_u32(const std::uint8_t* from) {
  return static_cast<std::uint32_t>(from[0]) << 24 | static_cast<std::uint32_t>(from[1]) << 16 |
         static_cast<std::uint32_t>(from[2]) << 8 | from[3];
}

void store_u32(std::uint8_t* to, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

bool begins_with_magic(ByteView input) {
  return input.size() >= magic.size() && std::equal(magic.begin(), magic.end(), input.begin());
}

class SnappyDecompressor final : public Decompressor {
 public:
  SnappyDecompressor(ByteView input, std::uint64_t output_max)
      : Decompressor(output_max), input_(input), output_max_(output_max), framed_(begins_with_magic(input)) {}
  std::size_t window_bytes() const override { return block_.window_bytes(); }

 private:
  Result<std::size_t, CompressError> step(MutableBytes out) override {
    if (!in_block_) {
      const auto opened = framed_ ? open_chunk() : open_bare();
      if (!opened) return std::unexpected(opened.error());
      if (!in_block_) return 0;
    }
    const auto got = block_.read(out);
    if (got && block_.done()) {
      in_block_ = false;
      if (!framed_ || input_.empty()) finish();
    }
    return got;
  }

  Result<void, CompressError> open_bare() {
    if (input_.empty()) return std::unexpected(CompressError::truncated);
    return open(input_.size());
  }

  Result<void, CompressError> open_chunk() {
    while (begins_with_magic(input_)) {
      if (input_.size() < frame_header_size) return std::unexpected(CompressError::truncated);
      if (load_u32(input_.data() + 8) < version) return std::unexpected(CompressError::corrupt);
      input_ = input_.subspan(frame_header_size);
    }
    // Java takes a rest too short for a length as the end.
    if (input_.size() < sizeof(std::uint32_t)) {
      finish();
      return {};
    }
    const std::uint32_t length = load_u32(input_.data());
    if (length > INT32_MAX) return std::unexpected(CompressError::corrupt);
    input_ = input_.subspan(sizeof(length));
    if (length > input_.size()) return std::unexpected(CompressError::truncated);
    return open(length);
  }

  Result<void, CompressError> open(std::size_t length) {
    const auto opened = block_.open(input_.first(length), output_max_ - std::min(output_max_, produced()));
    if (!opened) return opened;
    input_ = input_.subspan(length);
    in_block_ = true;
    return {};
  }

  ByteView input_;
  std::uint64_t output_max_;
  bool framed_;
  bool in_block_ = false;
  SnappyBlock block_;
};

class SnappyCompressor final : public Compressor {
 public:
  explicit SnappyCompressor(std::vector<std::uint8_t>& out) : out_(out) {
    std::array<std::uint8_t, frame_header_size> head;
    std::copy(magic.begin(), magic.end(), head.begin());
    store_u32(head.data() + 8, version);
    store_u32(head.data() + 12, version);
    out_.insert(out_.end(), head.begin(), head.end());
    chunk_.reserve(chunk_size);
  }

  void write(ByteView bytes) override {
    while (!bytes.empty()) {
      const ByteView piece = bytes.first(std::min(bytes.size(), chunk_size - chunk_.size()));
      chunk_.insert(chunk_.end(), piece.begin(), piece.end());
      bytes = bytes.subspan(piece.size());
      if (chunk_.size() == chunk_size) flush();
    }
  }
  void finish() override { flush(); }

 private:
  static constexpr std::size_t chunk_size = std::size_t{32} << 10;

  void flush() {
    if (chunk_.empty()) return;
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(std::uint32_t) + snappy::MaxCompressedLength(chunk_.size()));
    std::size_t length = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(chunk_.data()), chunk_.size(),
                        reinterpret_cast<char*>(out_.data() + at + sizeof(std::uint32_t)), &length);
    store_u32(out_.data() + at, static_cast<std::uint32_t>(length));
    out_.resize(at + sizeof(std::uint32_t) + length);
    chunk_.clear();
  }

  std::vector<std::uint8_t>& out_;
  std::vector<std::uint8_t> chunk_;
};

}  // namespace

std::unique_ptr<Decompressor> make_snappy_decompressor(ByteView input, std::uint64_t output_max) {
  return std::make_unique<SnappyDecompressor>(input, output_max);
}

std::unique_ptr<Compressor> make_snappy_compressor(std::vector<std::uint8_t>& out) {
  return std::make_unique<SnappyCompressor>(out);
}

}  // namespace highwater::compress
