// The decompressors. Input: codec (one byte), size of the pieces (one byte), the stream. Output stays below its
// cap, does not depend on how it is pulled, memory stays within its promise, and what came out survives our compressor.
#include <algorithm>
#include <optional>

#include "foundation/base/check.h"
#include "foundation/compress/compressor.h"
#include "foundation/compress/decompressor.h"
#include "tests/fuzz/peak_memory.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using compress::Codec;

constexpr std::uint64_t output_max = std::uint64_t{1} << 17;
constexpr std::size_t stack_and_buffers = std::size_t{256} << 10;

struct Outcome {
  std::vector<std::uint8_t> bytes;
  std::optional<compress::CompressError> error;
};

Outcome inflate(Codec codec, ByteView packed, std::size_t piece) {
  Outcome outcome;
  std::vector<std::uint8_t> out(piece);
  const auto stream = compress::make_decompressor(codec, packed, output_max);
  while (!stream->finished() && !outcome.error) {
    const auto got = stream->read(out);
    if (!got) {
      outcome.error = got.error();
      break;
    }
    HW_CHECK(*got <= piece);
    outcome.bytes.insert(outcome.bytes.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*got));
    HW_CHECK(stream->produced() == outcome.bytes.size() && outcome.bytes.size() <= output_max);
    HW_CHECK(stream->window_bytes() <= compress::window_max);
  }
  const auto again = stream->read(out);
  if (outcome.error) {
    HW_CHECK(!again && again.error() == *outcome.error);
  } else {
    HW_CHECK(again && *again == 0);
  }
  return outcome;
}

// Beside its window a stream holds no more than it promises; read into one piece of memory that is not counted.
void check_memory(Codec codec, ByteView packed) {
  std::vector<std::uint8_t> out(std::size_t{64} << 10);
  const PeakMemory memory;
  const auto stream = compress::make_decompressor(codec, packed, output_max);
  std::size_t window = 0;
  while (!stream->finished() && stream->read(out)) window = std::max(window, stream->window_bytes());
  window = std::max(window, stream->window_bytes());
  HW_CHECK(memory.bytes() <= compress::working_memory_max + 2 * window + stack_and_buffers);
}

}  // namespace

void run(ByteView input) {
  if (input.size() < 2) return;
  const auto codec = static_cast<Codec>(input[0] % 4);
  const std::size_t piece = std::size_t{16} + input[1] * input[1];
  const ByteView packed = input.subspan(2);
  check_memory(codec, packed);
  const Outcome pieces = inflate(codec, packed, piece);
  const Outcome whole = inflate(codec, packed, output_max);
  HW_CHECK(pieces.error.has_value() == whole.error.has_value());
  if (whole.error) return;
  HW_CHECK(pieces.bytes == whole.bytes);
  const Outcome again = inflate(codec, compress::compress_all(codec, whole.bytes), piece);
  HW_CHECK(!again.error && again.bytes == whole.bytes);
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  std::vector<std::vector<std::uint8_t>> texts(4);
  texts[1] = {'a'};
  texts[2].assign(2000, 'x');
  for (std::size_t at = 0; at < 3000; ++at) texts[3].push_back(static_cast<std::uint8_t>(at * at >> 5));
  for (std::uint8_t codec = 0; codec < 4; ++codec) {
    for (const auto& text : texts) {
      auto packed = compress::compress_all(static_cast<Codec>(codec), text);
      if (codec == 1 && text.size() > 1) all.push_back({1, 9, 5, 16, 'a', 'b', 'c', 'd', 'e'});  // a bare block
      Input input{codec, 16};
      input.insert(input.end(), packed.begin(), packed.end());
      all.push_back(input);
      input.insert(input.end(), packed.begin(), packed.end());  // a second member, frame or chunk list
      all.push_back(std::move(input));
    }
  }
  return all;
}

}  // namespace highwater::fuzz
