#include "foundation/compress/decompressor.h"

#include "foundation/base/check.h"
#include "foundation/compress/codecs.h"

namespace highwater::compress {

Result<std::size_t, CompressError> Decompressor::read(MutableBytes out) {
  if (failed_) return std::unexpected(error_);
  if (finished_ || out.empty()) return 0;
  const auto got = step(out);
  if (!got) {
    failed_ = true;
    error_ = got.error();
    return got;
  }
  HW_CHECK(*got <= out.size());
  produced_ += *got;
  if (produced_ > output_max_) {
    failed_ = true;
    error_ = CompressError::output_too_large;
    return std::unexpected(error_);
  }
  return got;
}

std::unique_ptr<Decompressor> make_decompressor(Codec codec, ByteView input, std::uint64_t output_max,
                                                ContextShelf* shelf) {
  switch (codec) {
    case Codec::gzip:
      return make_gzip_decompressor(input, output_max);
    case Codec::snappy:
      return make_snappy_decompressor(input, output_max);
    case Codec::lz4:
      return make_lz4_decompressor(input, output_max);
    case Codec::zstd:
      return make_zstd_decompressor(input, output_max, shelf);
  }
  HW_CHECK(false);
}

}  // namespace highwater::compress
