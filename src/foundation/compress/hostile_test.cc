#include <doctest/doctest.h>
#include <lz4frame.h>

#include <algorithm>
#include <vector>

#include "foundation/base/random.h"
#include "foundation/compress/compressor.h"
#include "foundation/compress/decompressor.h"

namespace highwater::compress {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Codec all_codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr std::uint64_t no_limit = UINT64_MAX;

// Reads to the end or to an error; output is counted, not kept.
Result<std::uint64_t, CompressError> drain(Codec codec, ByteView input, std::uint64_t output_max = no_limit) {
  const auto stream = make_decompressor(codec, input, output_max);
  Bytes out(16 << 10);
  while (!stream->finished()) {
    if (const auto got = stream->read(out); !got) return std::unexpected(got.error());
  }
  return stream->produced();
}

bool fails_with(const Result<std::uint64_t, CompressError>& result, CompressError error) {
  return !result.has_value() && result.error() == error;
}

Bytes sample(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * i / 7);
  return bytes;
}

TEST_CASE("output over the limit is refused, output of exactly the limit is not") {
  const Bytes original = sample(100'000);
  for (const Codec codec : all_codecs) {
    CAPTURE(static_cast<int>(codec));
    const Bytes packed = compress_all(codec, original);
    CHECK(drain(codec, packed, original.size()).value() == original.size());
    CHECK(fails_with(drain(codec, packed, original.size() - 1), CompressError::output_too_large));
  }
}

TEST_CASE("a stream that ends early is refused wherever it ends") {
  const Bytes original = sample(3000);
  for (const Codec codec : all_codecs) {
    const Bytes packed = compress_all(codec, original);
    for (std::size_t size = 1; size < packed.size(); ++size) {
      CAPTURE(static_cast<int>(codec));
      CAPTURE(size);
      const auto result = drain(codec, ByteView(packed).first(size));
      // Xerial has no end mark: cut inside a length it looks whole, as to Java; and its header alone holds nothing.
      if (result.has_value()) CHECK((codec == Codec::snappy && *result < original.size()));
    }
  }
}

TEST_CASE("nothing at all is refused except by zstd, whose stream of no frames is empty") {
  CHECK(fails_with(drain(Codec::gzip, {}), CompressError::truncated));
  CHECK(fails_with(drain(Codec::snappy, {}), CompressError::truncated));
  CHECK(fails_with(drain(Codec::lz4, {}), CompressError::truncated));
  CHECK(drain(Codec::zstd, {}).value() == 0);
}

TEST_CASE("flipped bits are found or harmless, and never crash") {
  Random random(1);
  const Bytes original = sample(20'000);
  for (const Codec codec : all_codecs) {
    const Bytes packed = compress_all(codec, original);
    for (int round = 0; round < 2000; ++round) {
      Bytes damaged = packed;
      damaged[random.below(damaged.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
      (void)drain(codec, damaged, 10'000'000);
    }
  }
}

TEST_CASE("random bytes never crash a decoder") {
  Random random(2);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random.below(64));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    for (const Codec codec : all_codecs) (void)drain(codec, bytes, 10'000'000);
  }
}

TEST_CASE("a gzip bomb is stopped at the limit while only slices of it existed") {
  const Bytes zeros(64 << 20);
  const Bytes packed = compress_all(Codec::gzip, zeros, {.gzip = 9});
  CHECK(packed.size() < zeros.size() / 1000);
  CHECK(fails_with(drain(Codec::gzip, packed, 1 << 20), CompressError::output_too_large));
  CHECK(drain(Codec::gzip, packed).value() == zeros.size());
}

TEST_CASE("a gzip stream whose stored block begins behind what the decoder read ahead is refused, not run over") {
  // Found by fuzzing: ISA-L gives more bytes back than the call before took.
  Bytes packed = {0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0xFF, 0x33, 0x63, 0x60, 0x60, 0x60, 0x14, 0x28, 0x4B, 0xCC, 0x29};
  packed.resize(90, 0xFF);
  for (const std::size_t piece : {1u, 7u, 100u, 16384u}) {
    const auto stream = make_decompressor(Codec::gzip, packed, no_limit);
    Bytes out(piece);
    auto got = stream->read(out);
    while (got && !stream->finished()) got = stream->read(out);
    CHECK_FALSE(got.has_value());
  }
}

TEST_CASE("stored gzip blocks come back whatever the size of the pulls") {
  Random random(8);
  Bytes original(200'000);
  for (auto& byte : original) byte = static_cast<std::uint8_t>(random.next());
  const Bytes packed = compress_all(Codec::gzip, original, {.gzip = 1});
  for (const std::size_t piece : {1u, 3u, 1000u, 65535u}) {
    const auto stream = make_decompressor(Codec::gzip, packed, no_limit);
    Bytes all;
    Bytes out(piece);
    while (!stream->finished()) {
      const auto got = stream->read(out);
      REQUIRE(got.has_value());
      all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*got));
    }
    CHECK(all == original);
  }
}

TEST_CASE("a snappy block that declares 2 GiB is refused before anything is allocated") {
  const Bytes block = {0x80, 0x80, 0x80, 0x80, 0x08, 0x00, 'x'};
  CHECK(fails_with(drain(Codec::snappy, block), CompressError::corrupt));
}

TEST_CASE("a snappy length of more than five bytes is refused") {
  const Bytes block = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00};
  CHECK(fails_with(drain(Codec::snappy, block), CompressError::corrupt));
}

Bytes xerial(std::initializer_list<int> rest) {
  Bytes bytes = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
  for (const int byte : rest) bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}

TEST_CASE("xerial chunks of negative length, longer than the rest, or of no bytes are refused") {
  CHECK(fails_with(drain(Codec::snappy, xerial({0xFF, 0xFF, 0xFF, 0xFF})), CompressError::corrupt));
  CHECK(fails_with(drain(Codec::snappy, xerial({0, 0, 0, 9, 1, 0, 'x'})), CompressError::truncated));
  CHECK(fails_with(drain(Codec::snappy, xerial({0, 0, 0, 0})), CompressError::corrupt));
}

TEST_CASE("a xerial header of version 0 is refused") {
  Bytes bytes = xerial({0, 0, 0, 3, 1, 0, 'x'});
  CHECK(drain(Codec::snappy, bytes).value() == 1);
  bytes[11] = 0;
  CHECK(fails_with(drain(Codec::snappy, bytes), CompressError::corrupt));
}

TEST_CASE("a large snappy block is checked tag by tag") {
  // 200000 bytes declared, so that it is not decoded whole: a copy from before the beginning.
  Bytes block = {0xC0, 0x9A, 0x0C};
  block.push_back(63 << 2 | 2);
  block.push_back(1);
  block.push_back(0);
  block.resize(20'000);
  CHECK(fails_with(drain(Codec::snappy, block), CompressError::corrupt));
}

TEST_CASE("an lz4 frame with a wrong header checksum is refused") {
  Bytes packed = compress_all(Codec::lz4, sample(100));
  packed[6] ^= 1;
  CHECK(fails_with(drain(Codec::lz4, packed), CompressError::corrupt));
}

Bytes lz4_with(const LZ4F_preferences_t& preferences, const Bytes& bytes) {
  Bytes packed(LZ4F_compressFrameBound(bytes.size(), &preferences));
  packed.resize(LZ4F_compressFrame(packed.data(), packed.size(), bytes.data(), bytes.size(), &preferences));
  return packed;
}

TEST_CASE("lz4 blocks that refer to earlier blocks are refused, since no Java consumer could read them") {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockLinked;
  CHECK(fails_with(drain(Codec::lz4, lz4_with(preferences, sample(200'000))), CompressError::unsupported));
}

TEST_CASE("lz4 blocks of 4 MiB are read, and their buffers are reported") {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.blockSizeID = LZ4F_max4MB;
  const Bytes original = sample(9 << 20);
  const Bytes packed = lz4_with(preferences, original);
  CHECK(drain(Codec::lz4, packed).value() == original.size());
  const auto stream = make_decompressor(Codec::lz4, packed, no_limit);
  Bytes out(100);
  REQUIRE(stream->read(out).has_value());
  CHECK(stream->window_bytes() == 8u << 20);
}

TEST_CASE("a zstd frame that asks for a window of 2 GiB is refused") {
  // Magic, descriptor 0 (no single segment, no dictionary, no checksum), window log 31, an empty last block.
  const Bytes frame = {0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00};
  CHECK(fails_with(drain(Codec::zstd, frame), CompressError::window_too_large));
}

TEST_CASE("a zstd frame with a window of 128 MiB is read and counted") {
  const Bytes frame = {0x28, 0xB5, 0x2F, 0xFD, 0x00, (27 - 10) << 3, 0x01, 0x00, 0x00};
  const auto stream = make_decompressor(Codec::zstd, frame, no_limit);
  Bytes out(10);
  REQUIRE(stream->read(out).has_value());
  CHECK(stream->finished());
  CHECK(stream->window_bytes() == window_max);
}

TEST_CASE("a zstd frame that wants a dictionary is refused") {
  const Bytes frame = {0x28, 0xB5, 0x2F, 0xFD, 0x01, 0x00, 0x07, 0x01, 0x00, 0x00};
  CHECK(fails_with(drain(Codec::zstd, frame), CompressError::unsupported));
}

TEST_CASE("a zstd frame that declares bytes and holds none is refused whatever the size of the pulls") {
  const Bytes empty_last_block{0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x29, 0x58, 0x01, 0x00, 0x00};
  for (const std::size_t piece : {std::size_t{16}, std::size_t{1} << 17}) {
    const auto stream = make_decompressor(Codec::zstd, empty_last_block, no_limit);
    Bytes out(piece);
    const auto got = stream->read(out);
    CHECK((!got && got.error() == CompressError::corrupt));
  }
}

TEST_CASE("after an error every read gives the same error") {
  const Bytes block = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00};
  const auto stream = make_decompressor(Codec::snappy, block, no_limit);
  Bytes out(10);
  CHECK(stream->read(out).error() == CompressError::corrupt);
  CHECK(stream->read(out).error() == CompressError::corrupt);
  CHECK_FALSE(stream->finished());
}

}  // namespace
}  // namespace highwater::compress
