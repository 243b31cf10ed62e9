// From the codec bits of a batch to the codecs of foundation/compress.
#pragma once

#include "foundation/base/check.h"
#include "foundation/compress/codec.h"
#include "protocol/records/batch_view.h"

namespace highwater::records {

// `codec` must not be none.
inline compress::Codec compressed_with(Codec codec) {
  switch (codec) {
    case Codec::gzip:
      return compress::Codec::gzip;
    case Codec::snappy:
      return compress::Codec::snappy;
    case Codec::lz4:
      return compress::Codec::lz4;
    case Codec::zstd:
      return compress::Codec::zstd;
    case Codec::none:
      break;
  }
  HW_CHECK(false);
}

}  // namespace highwater::records
