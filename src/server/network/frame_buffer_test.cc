#include "server/network/frame_buffer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "server/network/limits.h"

using namespace highwater;
using server::FrameBuffer;

namespace {

std::string frame_of(std::size_t size, char fill) {
  std::string bytes(4 + size, fill);
  for (int i = 0; i < 4; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(size >> (24 - 8 * i));
  return bytes;
}

// Feeds `stream` in chunks of at most `chunk` bytes, as reads would, and collects what comes out.
struct Feed {
  explicit Feed(std::size_t maximum) : buffer(maximum), scratch(Slice::allocate(server::scratch_bytes)) {}

  void take(std::string_view stream, std::size_t chunk) {
    while (!stream.empty() && !buffer.broken()) {
      if (!scratch.sole_owner()) scratch = Slice::allocate(server::scratch_bytes);
      MutableBytes space = buffer.space(scratch);
      const std::size_t count = std::min({space.size(), chunk, stream.size()});
      std::memcpy(space.data(), stream.data(), count);
      stream.remove_prefix(count);
      received += count;
      buffer.filled(count);
      while (auto frame = buffer.next()) frames.push_back(std::move(*frame));
      buffer.settle();
      memory_peak = std::max(memory_peak, buffer.memory());
      ratio_kept = ratio_kept && buffer.memory() <= std::max(received * server::frame_growth_factor,
                                                             server::trusted_frame_bytes_max + 4);
    }
  }

  FrameBuffer buffer;
  Slice scratch;
  std::vector<Slice> frames;
  std::size_t received = 0;
  std::size_t memory_peak = 0;
  bool ratio_kept = true;
};

}  // namespace

TEST_CASE("frames come out whole however the stream is cut") {
  std::string stream;
  std::vector<std::size_t> sizes = {0, 1, 900, 3, 70'000, 900, 1 << 20, 17, 300'000, 2 << 20, 5};
  for (std::size_t i = 0; i < sizes.size(); ++i) stream += frame_of(sizes[i], static_cast<char>('a' + i));
  for (std::size_t chunk :
       {std::size_t{1} << 30, std::size_t{1}, std::size_t{3}, std::size_t{4097}, std::size_t{65'000}}) {
    Feed feed(100 << 20);
    feed.take(stream, chunk);
    REQUIRE(feed.frames.size() == sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      CHECK(feed.frames[i].size() == sizes[i]);
      const auto view = feed.frames[i].view();
      CHECK(std::ranges::all_of(view, [&](std::uint8_t byte) { return byte == 'a' + i; }));
    }
    CHECK_FALSE(feed.buffer.frame_begun());
  }
}

TEST_CASE("an idle connection holds no memory") {
  Feed feed(100 << 20);
  feed.take(frame_of(1 << 20, 'x') + frame_of(30, 'y'), 5000);
  CHECK(feed.buffer.memory() == 0);
}

TEST_CASE("memory follows what arrived and not what was announced") {
  Feed feed(100 << 20);
  const std::string begun = frame_of(90 << 20, 'x').substr(0, 1000);
  feed.take(begun, 1);
  CHECK(feed.buffer.frame_begun());
  CHECK(feed.memory_peak <= server::frame_first_bytes);
}

TEST_CASE("a size that is negative or too large breaks the stream before anything is allocated") {
  for (std::string size : {std::string("\xff\xff\xff\xff", 4), std::string("\x80\0\0\0", 4),
                           std::string("\x7f\xff\xff\xff", 4), std::string("\x06\x40\0\x01", 4)}) {
    Feed feed(100 << 20);
    feed.take(frame_of(10, 'x') + size, 7);
    CHECK(feed.frames.size() == 1);
    CHECK(feed.buffer.broken());
    CHECK(feed.buffer.memory() == 0);
  }
}

TEST_CASE("frames of a bulk sender are handed out without a copy of each") {
  Feed feed(100 << 20);
  std::string stream;
  for (int i = 0; i < 40; ++i) stream += frame_of(65'000, static_cast<char>(i));
  feed.take(stream, 1 << 30);
  REQUIRE(feed.frames.size() == 40);
  CHECK(feed.ratio_kept);
}
