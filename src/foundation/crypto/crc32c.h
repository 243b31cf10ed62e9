// CRC-32C (Castagnoli), the checksum of record batches, producer snapshots and our own files. ISA-L does the work.
// Values are those of java.util.zip.CRC32C: initial and final inversion are inside.
#pragma once

#include <cstdint>

#include "foundation/base/bytes.h"

namespace highwater::crypto {

// The checksum of `before` followed by `bytes`, where `preceding` is the checksum of `before` (0 for nothing).
std::uint32_t crc32c(ByteView bytes, std::uint32_t preceding = 0);

}  // namespace highwater::crypto
