// The frame header of a stream is read through zstd's static API, which Debian's library exports.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <algorithm>
#include <optional>

#include "foundation/base/check.h"
#include "foundation/compress/codecs.h"
#include "foundation/compress/context_shelf.h"

namespace highwater::compress {
namespace {

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor(ByteView input, std::uint64_t output_max, ContextShelf* shelf)
      : Decompressor(output_max),
        input_(input),
        shelf_(shelf != nullptr ? *shelf : own_),
        stream_(shelf_.take_decompressor()) {
    constexpr int window_log = 27;
    static_assert(window_max == std::size_t{1} << window_log);
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, window_log);
    if (input_.empty()) finish();
  }
  ~ZstdDecompressor() override { shelf_.give_back(stream_); }
  std::size_t window_bytes() const override { return window_; }

 private:
  Result<std::size_t, CompressError> step(MutableBytes out) override {
    if (at_frame_start_) {
      if (const auto checked = check_frame(); !checked) return std::unexpected(checked.error());
      at_frame_start_ = false;
    }
    ZSTD_inBuffer in{input_.data(), input_.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(stream_, &to, &in);
    if (ZSTD_isError(hint) != 0) return std::unexpected(CompressError::corrupt);
    input_ = input_.subspan(in.pos);
    frame_bytes_ += to.pos;
    if (hint == 0) {
      // The library compares the two only if the last block is not empty, or if it decodes the frame in one piece.
      if (frame_size_ && *frame_size_ != frame_bytes_) return std::unexpected(CompressError::corrupt);
      at_frame_start_ = true;
      if (input_.empty()) finish();
    } else if (to.pos == 0 && in.pos == 0) {
      return std::unexpected(CompressError::truncated);
    }
    return to.pos;
  }

  Result<void, CompressError> check_frame() {
    ZSTD_frameHeader frame;
    const std::size_t missing = ZSTD_getFrameHeader(&frame, input_.data(), input_.size());
    if (ZSTD_isError(missing) != 0) return std::unexpected(CompressError::corrupt);
    if (missing != 0) return std::unexpected(CompressError::truncated);
    frame_bytes_ = 0;
    frame_size_.reset();
    if (frame.frameType == ZSTD_skippableFrame) return {};
    if (frame.dictID != 0) return std::unexpected(CompressError::unsupported);
    if (frame.windowSize > window_max) return std::unexpected(CompressError::window_too_large);
    window_ = std::max(window_, static_cast<std::size_t>(frame.windowSize));
    if (frame.frameContentSize != ZSTD_CONTENTSIZE_UNKNOWN) frame_size_ = frame.frameContentSize;
    return {};
  }

  ByteView input_;
  ContextShelf own_;  // when nobody lends
  ContextShelf& shelf_;
  ZSTD_DCtx* stream_;
  std::size_t window_ = 0;
  std::optional<std::uint64_t> frame_size_;  // what the header of this frame declares
  std::uint64_t frame_bytes_ = 0;            // what came out of this frame so far
  bool at_frame_start_ = true;
};

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor(int level, std::vector<std::uint8_t>& out, ContextShelf* shelf)
      : out_(out), shelf_(shelf != nullptr ? *shelf : own_), stream_(shelf_.take_compressor()) {
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_compressionLevel, level);
  }
  ~ZstdCompressor() override { shelf_.give_back(stream_); }

  void write(ByteView bytes) override { run(bytes, ZSTD_e_continue); }
  void finish() override { run({}, ZSTD_e_end); }

 private:
  void run(ByteView bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer to{buffer_, sizeof(buffer_), 0};
      const std::size_t left = ZSTD_compressStream2(stream_, &to, &in, directive);
      HW_CHECK(ZSTD_isError(left) == 0);
      out_.insert(out_.end(), buffer_, buffer_ + to.pos);
      if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) return;
    }
  }

  std::vector<std::uint8_t>& out_;
  ContextShelf own_;  // when nobody lends
  ContextShelf& shelf_;
  ZSTD_CCtx* stream_;
  std::uint8_t buffer_[16 << 10];
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_decompressor(ByteView input, std::uint64_t output_max, ContextShelf* shelf) {
  return std::make_unique<ZstdDecompressor>(input, output_max, shelf);
}

std::unique_ptr<Compressor> make_zstd_compressor(int level, std::vector<std::uint8_t>& out, ContextShelf* shelf) {
  return std::make_unique<ZstdCompressor>(std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel()), out, shelf);
}

}  // namespace highwater::compress
