#include <doctest/doctest.h>
#include <snappy.h>

#include <algorithm>
#include <string>
#include <vector>

#include "foundation/base/random.h"
#include "foundation/compress/compressor.h"
#include "foundation/compress/decompressor.h"

namespace highwater::compress {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Codec all_codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr std::uint64_t no_limit = UINT64_MAX;

Bytes words(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  Bytes bytes;
  while (bytes.size() < size) {
    const std::string word = "word" + std::to_string(random.below(500)) + (random.below(9) == 0 ? "\n" : " ");
    bytes.insert(bytes.end(), word.begin(), word.end());
  }
  bytes.resize(size);
  return bytes;
}

Bytes noise(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return bytes;
}

Result<Bytes, CompressError> inflate(Codec codec, ByteView input, std::size_t piece = 5000,
                                     std::uint64_t output_max = no_limit) {
  const auto stream = make_decompressor(codec, input, output_max);
  Bytes all;
  Bytes out(piece);
  while (!stream->finished()) {
    const auto got = stream->read(out);
    if (!got) return std::unexpected(got.error());
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  return all;
}

TEST_CASE("what each codec compresses comes back, for sizes around block and chunk borders") {
  for (const Codec codec : all_codecs) {
    for (const std::size_t size : {0u, 1u, 100u, 32767u, 32768u, 32769u, 65536u, 65537u, 1'000'000u}) {
      CAPTURE(static_cast<int>(codec));
      CAPTURE(size);
      const Bytes original = words(size, size + 1);
      const Bytes packed = compress_all(codec, original);
      CHECK(inflate(codec, packed).value() == original);
    }
  }
}

TEST_CASE("bytes that cannot be compressed come back too") {
  for (const Codec codec : all_codecs) {
    const Bytes original = noise(300'000, 7);
    CHECK(inflate(codec, compress_all(codec, original)).value() == original);
  }
}

TEST_CASE("output does not depend on the size of the pulls") {
  const Bytes original = words(100'000, 3);
  for (const Codec codec : all_codecs) {
    const Bytes packed = compress_all(codec, original);
    for (const std::size_t piece : {1u, 7u, 4096u, 1u << 20}) CHECK(inflate(codec, packed, piece).value() == original);
  }
}

TEST_CASE("output does not depend on the size of the writes") {
  const Bytes original = words(100'000, 4);
  for (const Codec codec : all_codecs) {
    Bytes packed;
    const auto compressor = make_compressor(codec, {}, packed);
    for (std::size_t at = 0; at < original.size(); at += 777) {
      compressor->write(ByteView(original).subspan(at, std::min<std::size_t>(777, original.size() - at)));
    }
    compressor->finish();
    CHECK(inflate(codec, packed).value() == original);
  }
}

TEST_CASE("every level that Kafka allows can be given") {
  const Bytes original = words(20'000, 5);
  for (const int level : {-1, 1, 9, 17, 22, -131072, 1000}) {
    for (const Codec codec : all_codecs) {
      const Bytes packed = compress_all(codec, original, {.gzip = level, .lz4 = level, .zstd = level});
      CHECK(inflate(codec, packed).value() == original);
    }
  }
}

TEST_CASE("snappy is written in xerial's frame, as Java reads it") {
  const Bytes packed = compress_all(Codec::snappy, as_bytes("hello"));
  const Bytes head = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 5, 0x10};
  REQUIRE(packed.size() > head.size());
  CHECK(std::equal(head.begin(), head.end(), packed.begin()));
}

TEST_CASE(
    "lz4 is written with the frame flags of Kafka's Java: version 1, independent blocks of 64 KiB, no checksums") {
  const Bytes packed = compress_all(Codec::lz4, as_bytes("hello"));
  const Bytes head = {0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82};
  CHECK(std::equal(head.begin(), head.end(), packed.begin()));
}

TEST_CASE("a bare snappy block, as librdkafka writes it, is read") {
  for (const std::size_t size : {10u, 100'000u, 3'000'000u}) {
    const Bytes original = words(size, 6);
    std::string packed;
    snappy::Compress(reinterpret_cast<const char*>(original.data()), original.size(), &packed);
    for (const std::size_t piece : {1000u, 1u << 20}) {
      CHECK(inflate(Codec::snappy, as_bytes(packed), piece).value() == original);
    }
  }
}

TEST_CASE("joined streams are read as one, as Java's streams do") {
  const Bytes first = words(50'000, 8);
  const Bytes second = words(70'000, 9);
  Bytes both = first;
  both.insert(both.end(), second.begin(), second.end());
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::zstd}) {
    CAPTURE(static_cast<int>(codec));
    Bytes packed = compress_all(codec, first);
    const Bytes more = compress_all(codec, second);
    packed.insert(packed.end(), more.begin(), more.end());
    CHECK(inflate(codec, packed).value() == both);
  }
}

// One literal of `literal` bytes, then a copy of 60 bytes from `distance` back, as a snappy block.
Bytes block_with_far_copy(const Bytes& literal, std::size_t distance) {
  Bytes block;
  std::size_t size = literal.size() + 60;
  for (; size >= 0x80; size >>= 7) block.push_back(static_cast<std::uint8_t>(size | 0x80));
  block.push_back(static_cast<std::uint8_t>(size));
  const std::size_t length = literal.size() - 1;
  block.push_back(63 << 2);
  for (unsigned i = 0; i < 4; ++i) block.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  block.insert(block.end(), literal.begin(), literal.end());
  block.push_back(59 << 2 | 3);
  for (unsigned i = 0; i < 4; ++i) block.push_back(static_cast<std::uint8_t>(distance >> (8 * i)));
  return block;
}

TEST_CASE("a snappy block that reaches back further than the first history is decoded with a longer one") {
  const Bytes literal = noise(5'000'000, 10);
  for (const std::size_t distance : {70'000u, 524'288u, 524'289u, 4'999'999u, 5'000'000u}) {
    CAPTURE(distance);
    Bytes expected = literal;
    for (unsigned i = 0; i < 60; ++i) expected.push_back(expected[literal.size() - distance + i]);
    const Bytes block = block_with_far_copy(literal, distance);
    const auto stream = make_decompressor(Codec::snappy, block, no_limit);
    Bytes all;
    Bytes out(9999);
    while (!stream->finished()) {
      const auto got = stream->read(out);
      REQUIRE(got.has_value());
      all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*got));
    }
    CHECK(all == expected);
    CHECK((stream->window_bytes() == 0) == (distance <= 524'288));
  }
}

TEST_CASE("small windows are not reported, large ones are") {
  const Bytes original = words(4'000'000, 11);
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
    const Bytes packed = compress_all(codec, original);
    const auto stream = make_decompressor(codec, packed, no_limit);
    Bytes out(1000);
    REQUIRE(stream->read(out).has_value());
    CHECK(stream->window_bytes() == 0);
  }
  const Bytes packed = compress_all(Codec::zstd, original);
  const auto stream = make_decompressor(Codec::zstd, packed, no_limit);
  Bytes out(1000);
  REQUIRE(stream->read(out).has_value());
  CHECK(stream->window_bytes() >= (std::size_t{1} << 20));
}

}  // namespace
}  // namespace highwater::compress
