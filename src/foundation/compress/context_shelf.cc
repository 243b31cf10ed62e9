#include "foundation/compress/context_shelf.h"

#include <zstd.h>

#include "foundation/base/check.h"

namespace highwater::compress {

ContextShelf::~ContextShelf() {
  for (ZSTD_CCtx* context : compressors_) ZSTD_freeCCtx(context);
  for (ZSTD_DCtx* context : decompressors_) ZSTD_freeDCtx(context);
}

ZSTD_CCtx* ContextShelf::take_compressor() {
  if (compressors_.empty()) {
    ZSTD_CCtx* const made = ZSTD_createCCtx();
    HW_CHECK(made != nullptr);
    return made;
  }
  ZSTD_CCtx* const context = compressors_.back();
  compressors_.pop_back();
  return context;
}

ZSTD_DCtx* ContextShelf::take_decompressor() {
  if (decompressors_.empty()) {
    ZSTD_DCtx* const made = ZSTD_createDCtx();
    HW_CHECK(made != nullptr);
    return made;
  }
  ZSTD_DCtx* const context = decompressors_.back();
  decompressors_.pop_back();
  return context;
}

void ContextShelf::give_back(ZSTD_CCtx* context) {
  if (compressors_.size() == idle_max || ZSTD_sizeof_CCtx(context) > kept_bytes_max) {
    ZSTD_freeCCtx(context);
    return;
  }
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  compressors_.push_back(context);
}

void ContextShelf::give_back(ZSTD_DCtx* context) {
  if (decompressors_.size() == idle_max || ZSTD_sizeof_DCtx(context) > kept_bytes_max) {
    ZSTD_freeDCtx(context);
    return;
  }
  ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
  decompressors_.push_back(context);
}

}  // namespace highwater::compress
