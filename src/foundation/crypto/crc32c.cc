#include "foundation/crypto/crc32c.h"

#include <immintrin.h>
#include <isa-l/crc.h>

#include <algorithm>
#include <cstddef>

namespace highwater::crypto {
namespace {

// ISA-L leaves the upper halves of the vector registers dirty, and then every SSE instruction that follows waits: 300
// ns for the first few after a checksum of 900 bytes, which itself takes 50.
[[gnu::target("avx")]] void clear_upper_halves() { _mm256_zeroupper(); }

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t preceding) {
  // ISA-L neither inverts at the ends nor takes more than an int of bytes.
  constexpr std::size_t piece_max = std::size_t{1} << 30;
  static const bool has_upper_halves = __builtin_cpu_supports("avx") != 0;
  std::uint32_t state = ~preceding;
  while (!bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), piece_max);
    // The parameter is not const in ISA-L's declaration; the bytes are only read.
    state = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(piece), state);
    bytes = bytes.subspan(piece);
  }
  if (has_upper_halves) clear_upper_halves();
  return ~state;
}

}  // namespace highwater::crypto
