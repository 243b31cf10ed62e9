// The bodies behind make_decompressor and make_compressor, one file each. For this room only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/compress/compressor.h"
#include "foundation/compress/decompressor.h"

namespace highwater::compress {

std::unique_ptr<Decompressor> make_gzip_decompressor(ByteView input, std::uint64_t output_max);
std::unique_ptr<Decompressor> make_snappy_decompressor(ByteView input, std::uint64_t output_max);
std::unique_ptr<Decompressor> make_lz4_decompressor(ByteView input, std::uint64_t output_max);
std::unique_ptr<Decompressor> make_zstd_decompressor(ByteView input, std::uint64_t output_max, ContextShelf* shelf);

std::unique_ptr<Compressor> make_gzip_compressor(int level, std::vector<std::uint8_t>& out);
std::unique_ptr<Compressor> make_snappy_compressor(std::vector<std::uint8_t>& out);
std::unique_ptr<Compressor> make_lz4_compressor(int level, std::vector<std::uint8_t>& out);
std::unique_ptr<Compressor> make_zstd_compressor(int level, std::vector<std::uint8_t>& out, ContextShelf* shelf);

}  // namespace highwater::compress
