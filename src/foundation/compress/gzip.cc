#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "foundation/base/check.h"
#include "foundation/compress/codecs.h"

namespace highwater::compress {
namespace {

// ISA-L counts in 32 bits; larger pieces would wrap.
constexpr std::size_t piece_max = std::size_t{1} << 30;

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor(ByteView input, std::uint64_t output_max)
      : Decompressor(output_max), end_(input.data() + input.size()) {
    begin(input.data());
  }
  std::size_t window_bytes() const override { return 0; }

 private:
  // ISA-L reads ahead into its bit buffer and at a stored block gives bytes back, which may lie before what this call
  // was given; so its own pointer is the only account of the input.
  std::size_t left() const { return static_cast<std::size_t>(end_ - state_.next_in); }

  Result<std::size_t, CompressError> step(MutableBytes out) override {
    const std::size_t room = std::min(out.size(), piece_max);
    const std::uint8_t* const before = state_.next_in;
    state_.avail_in = static_cast<std::uint32_t>(std::min(left(), piece_max));
    state_.next_out = out.data();
    state_.avail_out = static_cast<std::uint32_t>(room);
    const int status = isal_inflate(&state_);
    const std::size_t got = room - state_.avail_out;
    if (status < ISAL_DECOMP_OK || status == ISAL_NEED_DICT) return std::unexpected(CompressError::corrupt);
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      end_of_member();
    } else if (got == 0 && state_.next_in == before) {
      return std::unexpected(CompressError::truncated);
    }
    return got;
  }

  void begin(const std::uint8_t* at) {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.next_in = const_cast<std::uint8_t*>(at);
  }

  // Java goes on if another header follows and takes anything else for the end.
  void end_of_member() {
    constexpr std::size_t header_size = 10;
    const std::uint8_t* const rest = state_.next_in;
    if (left() >= header_size && rest[0] == 0x1F && rest[1] == 0x8B && rest[2] == 8) {
      begin(rest);
    } else {
      finish();
    }
  }

  const std::uint8_t* end_;
  inflate_state state_;
};

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor(int level, std::vector<std::uint8_t>& out) : out_(out) {
    constexpr int window_bits = 15;
    constexpr int gzip_wrapper = 16;
    constexpr int memory_level = 8;
    const int status =
        deflateInit2(&stream_, level, Z_DEFLATED, window_bits + gzip_wrapper, memory_level, Z_DEFAULT_STRATEGY);
    HW_CHECK(status == Z_OK);
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }

  void write(ByteView bytes) override {
    while (!bytes.empty()) {
      const ByteView piece = bytes.first(std::min(bytes.size(), piece_max));
      stream_.next_in = const_cast<Bytef*>(piece.data());
      stream_.avail_in = static_cast<uInt>(piece.size());
      run(Z_NO_FLUSH);
      bytes = bytes.subspan(piece.size());
    }
  }
  void finish() override { run(Z_FINISH); }

 private:
  void run(int flush) {
    do {
      stream_.next_out = buffer_;
      stream_.avail_out = sizeof(buffer_);
      const int status = deflate(&stream_, flush);
      HW_CHECK(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR);
      out_.insert(out_.end(), buffer_, buffer_ + (sizeof(buffer_) - stream_.avail_out));
    } while (stream_.avail_out == 0);
    HW_CHECK(stream_.avail_in == 0);
  }

  std::vector<std::uint8_t>& out_;
  z_stream stream_{};
  std::uint8_t buffer_[16 << 10];
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_decompressor(ByteView input, std::uint64_t output_max) {
  return std::make_unique<GzipDecompressor>(input, output_max);
}

std::unique_ptr<Compressor> make_gzip_compressor(int level, std::vector<std::uint8_t>& out) {
  return std::make_unique<GzipCompressor>(level == Z_DEFAULT_COMPRESSION ? level : std::clamp(level, 1, 9), out);
}

}  // namespace highwater::compress
