#include "foundation/compress/compressor.h"

#include "foundation/base/check.h"
#include "foundation/compress/codecs.h"

namespace highwater::compress {

std::unique_ptr<Compressor> make_compressor(Codec codec, const Levels& levels, std::vector<std::uint8_t>& out,
                                            ContextShelf* shelf) {
  switch (codec) {
    case Codec::gzip:
      return make_gzip_compressor(levels.gzip, out);
    case Codec::snappy:
      return make_snappy_compressor(out);
    case Codec::lz4:
      return make_lz4_compressor(levels.lz4, out);
    case Codec::zstd:
      return make_zstd_compressor(levels.zstd, out, shelf);
  }
  HW_CHECK(false);
}

std::vector<std::uint8_t> compress_all(Codec codec, ByteView bytes, const Levels& levels) {
  std::vector<std::uint8_t> out;
  const auto compressor = make_compressor(codec, levels, out);
  compressor->write(bytes);
  compressor->finish();
  return out;
}

}  // namespace highwater::compress
