#include "foundation/crypto/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <cstddef>

namespace highwater::crypto {

std::uint32_t crc32c(ByteView bytes, std::uint32_t preceding) {
  // ISA-L neither inverts at the ends nor takes more than an int of bytes.
  constexpr std::size_t piece_max = std::size_t{1} << 30;
  std::uint32_t state = ~preceding;
  while (!bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), piece_max);
    // The parameter is not const in ISA-L's declaration; the bytes are only read.
    state = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(piece), state);
    bytes = bytes.subspan(piece);
  }
  return ~state;
}

}  // namespace highwater::crypto
