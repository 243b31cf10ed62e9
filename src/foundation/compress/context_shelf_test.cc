#include "foundation/compress/context_shelf.h"

#include <doctest/doctest.h>

#include <string>

#include "foundation/compress/compressor.h"
#include "foundation/compress/decompressor.h"

namespace highwater::compress {
namespace {

ByteView bytes_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string round_trip(const std::string& text, ContextShelf& shelf, Levels levels) {
  std::vector<std::uint8_t> packed;
  {
    const auto compressor = make_compressor(Codec::zstd, levels, packed, &shelf);
    compressor->write(bytes_of(text));
    compressor->finish();
  }
  std::string out(text.size(), '\0');
  const auto stream = make_decompressor(Codec::zstd, packed, UINT64_MAX, &shelf);
  std::size_t at = 0;
  while (!stream->finished()) {
    const auto got = stream->read({reinterpret_cast<std::uint8_t*>(out.data()) + at, out.size() - at});
    REQUIRE(got.has_value());
    at += *got;
    if (at == out.size()) break;
  }
  return out;
}

}  // namespace

TEST_CASE("a context that comes back is lent again and remembers nothing") {
  ContextShelf shelf;
  ZSTD_DCtx_s* const first = shelf.take_decompressor();
  shelf.give_back(first);
  CHECK(shelf.take_decompressor() == first);
  shelf.give_back(first);
  for (int level : {1, 3, 9}) {
    const std::string text(1000 * static_cast<std::size_t>(level), static_cast<char>('a' + level));
    CHECK(round_trip(text, shelf, {.zstd = level}) == text);
  }
  const std::string text = "the same bytes as from a fresh context";
  std::vector<std::uint8_t> packed;
  const auto compressor = make_compressor(Codec::zstd, {}, packed, &shelf);
  compressor->write(bytes_of(text));
  compressor->finish();
  CHECK(packed == compress_all(Codec::zstd, bytes_of(text)));
}

TEST_CASE("a stream that was left in the middle does not disturb the next one") {
  ContextShelf shelf;
  const std::string text(100'000, 'x');
  const std::vector<std::uint8_t> packed = compress_all(Codec::zstd, bytes_of(text));
  {
    const auto left = make_decompressor(Codec::zstd, packed, UINT64_MAX, &shelf);
    std::uint8_t few[10];
    REQUIRE(left->read(few).has_value());
  }
  CHECK(round_trip(text, shelf, {}) == text);
}

TEST_CASE("more contexts than the shelf holds may be out at a time") {
  ContextShelf shelf;
  std::vector<ZSTD_CCtx_s*> out;
  for (int i = 0; i < 5; ++i) out.push_back(shelf.take_compressor());
  for (ZSTD_CCtx_s* context : out) shelf.give_back(context);
  ZSTD_CCtx_s* const kept = shelf.take_compressor();
  CHECK((kept == out[0] || kept == out[1]));
  shelf.give_back(kept);
}

}  // namespace highwater::compress
