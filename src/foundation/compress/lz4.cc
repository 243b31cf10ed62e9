#include <lz4frame.h>

#include <algorithm>
#include <array>

#include "foundation/base/check.h"
#include "foundation/compress/codecs.h"

namespace highwater::compress {
namespace {

class Lz4Decompressor final : public Decompressor {
 public:
  Lz4Decompressor(ByteView input, std::uint64_t output_max) : Decompressor(output_max), input_(input) {
    HW_CHECK(LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) == 0);
  }
  ~Lz4Decompressor() override { LZ4F_freeDecompressionContext(context_); }
  std::size_t window_bytes() const override { return window_; }

 private:
  Result<std::size_t, CompressError> step(MutableBytes out) override {
    if (!opened_) {
      if (const auto opened = open(); !opened) return std::unexpected(opened.error());
    }
    std::size_t taken = input_.size();
    std::size_t got = out.size();
    const std::size_t hint = LZ4F_decompress(context_, out.data(), &got, input_.data(), &taken, nullptr);
    if (LZ4F_isError(hint) != 0) return std::unexpected(CompressError::corrupt);
    input_ = input_.subspan(taken);
    if (hint == 0) {
      finish();  // Java reads one frame and leaves what follows alone
    } else if (got == 0 && taken == 0) {
      return std::unexpected(CompressError::truncated);
    }
    return got;
  }

  Result<void, CompressError> open() {
    constexpr std::size_t header_min = 7;
    if (input_.size() < header_min) return std::unexpected(CompressError::truncated);
    LZ4F_frameInfo_t info{};
    std::size_t taken = input_.size();
    if (LZ4F_isError(LZ4F_getFrameInfo(context_, &info, input_.data(), &taken)) != 0) {
      return std::unexpected(CompressError::corrupt);
    }
    input_ = input_.subspan(taken);
    // Java's reader knows neither blocks that refer to earlier ones, nor dictionaries, nor skippable frames.
    if (info.frameType != LZ4F_frame || info.blockMode != LZ4F_blockIndependent || info.dictID != 0) {
      return std::unexpected(CompressError::unsupported);
    }
    // The library holds one block of input and one of output.
    const std::size_t buffers = 2 * block_size(info.blockSizeID);
    window_ = buffers > working_memory_max ? buffers : 0;
    opened_ = true;
    return {};
  }

  static std::size_t block_size(LZ4F_blockSizeID_t id) {
    switch (id) {
      case LZ4F_default:
      case LZ4F_max64KB:
        return std::size_t{64} << 10;
      case LZ4F_max256KB:
        return std::size_t{256} << 10;
      case LZ4F_max1MB:
        return std::size_t{1} << 20;
      case LZ4F_max4MB:
        return std::size_t{4} << 20;
    }
    HW_CHECK(false);
  }

  ByteView input_;
  LZ4F_dctx* context_ = nullptr;
  std::size_t window_ = 0;
  bool opened_ = false;
};

class Lz4Compressor final : public Compressor {
 public:
  Lz4Compressor(int level, std::vector<std::uint8_t>& out) : out_(out) {
    HW_CHECK(LZ4F_isError(LZ4F_createCompressionContext(&context_, LZ4F_VERSION)) == 0);
    preferences_.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences_.frameInfo.blockMode = LZ4F_blockIndependent;
    preferences_.compressionLevel = level;
    std::array<std::uint8_t, LZ4F_HEADER_SIZE_MAX> head;
    const std::size_t size = LZ4F_compressBegin(context_, head.data(), head.size(), &preferences_);
    HW_CHECK(LZ4F_isError(size) == 0);
    out_.insert(out_.end(), head.data(), head.data() + size);
  }
  ~Lz4Compressor() override { LZ4F_freeCompressionContext(context_); }

  void write(ByteView bytes) override {
    while (!bytes.empty()) {
      const ByteView piece = bytes.first(std::min(bytes.size(), piece_size));
      append(piece.size(), [&](std::uint8_t* to, std::size_t room) {
        return LZ4F_compressUpdate(context_, to, room, piece.data(), piece.size(), nullptr);
      });
      bytes = bytes.subspan(piece.size());
    }
  }
  void finish() override {
    append(0, [&](std::uint8_t* to, std::size_t room) { return LZ4F_compressEnd(context_, to, room, nullptr); });
  }

 private:
  static constexpr std::size_t piece_size = std::size_t{64} << 10;

  template <class Produce>
  void append(std::size_t input_size, Produce&& produce) {
    const std::size_t at = out_.size();
    const std::size_t room = LZ4F_compressBound(input_size, &preferences_);
    out_.resize(at + room);
    const std::size_t made = produce(out_.data() + at, room);
    HW_CHECK(LZ4F_isError(made) == 0);
    out_.resize(at + made);
  }

  std::vector<std::uint8_t>& out_;
  LZ4F_cctx* context_ = nullptr;
  LZ4F_preferences_t preferences_{};
};

}  // namespace

std::unique_ptr<Decompressor> make_lz4_decompressor(ByteView input, std::uint64_t output_max) {
  return std::make_unique<Lz4Decompressor>(input, output_max);
}

std::unique_ptr<Compressor> make_lz4_compressor(int level, std::vector<std::uint8_t>& out) {
  constexpr int kafka_default = 9;
  constexpr int fast = 0;
  return std::make_unique<Lz4Compressor>(level == kafka_default ? fast : std::clamp(level, 1, 12), out);
}

}  // namespace highwater::compress
