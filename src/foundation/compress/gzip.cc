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
  GzipDecompressor(ByteView input, std::uint64_t output_max) : Decompressor(output_max), input_(input) { begin(); }
  std::size_t window_bytes() const override { return 0; }

 private:
  Result<std::size_t, CompressError> step(MutableBytes out) override {
    const std::size_t room = std::min(out.size(), piece_max);
    const std::size_t given = std::min(input_.size(), piece_max);
    state_.next_in = const_cast<std::uint8_t*>(input_.data());
    state_.avail_in = static_cast<std::uint32_t>(given);
    state_.next_out = out.data();
    state_.avail_out = static_cast<std::uint32_t>(room);
    const int status = isal_inflate(&state_);
    const std::size_t taken = given - state_.avail_in;
    const std::size_t got = room - state_.avail_out;
    input_ = input_.subspan(taken);
    if (status < ISAL_DECOMP_OK || status == ISAL_NEED_DICT) return std::unexpected(CompressError::corrupt);
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      end_of_member();
    } else if (got == 0 && taken == 0) {
      return std::unexpected(CompressError::truncated);
    }
    return got;
  }

  void begin() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
  }

  // Java goes on if another header follows and takes anything else for the end.
  void end_of_member() {
    constexpr std::size_t header_size = 10;
    if (input_.size() >= header_size && input_[0] == 0x1F && input_[1] == 0x8B && input_[2] == 8) {
      begin();
    } else {
      finish();
    }
  }

  ByteView input_;
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
