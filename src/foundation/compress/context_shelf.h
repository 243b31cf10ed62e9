// zstd's working memory, made once and lent out again: making it costs more than a small batch. Each owner (the
// partitions of a core, one client) has a shelf of its own; it must outlive what it lends to, and is not shared between
// threads. Large contexts are not kept, so an idle shelf holds at most idle_max contexts of kept_bytes_max each.
#pragma once

#include <cstddef>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace highwater::compress {

class ContextShelf {
 public:
  static constexpr std::size_t idle_max = 2;  // of each of the two kinds
  static constexpr std::size_t kept_bytes_max = std::size_t{8} << 20;

  ContextShelf() = default;
  ContextShelf(const ContextShelf&) = delete;
  ContextShelf& operator=(const ContextShelf&) = delete;
  ~ContextShelf();

  // A context without settings and without a stream; never null.
  ZSTD_CCtx_s* take_compressor();
  ZSTD_DCtx_s* take_decompressor();
  void give_back(ZSTD_CCtx_s* context);
  void give_back(ZSTD_DCtx_s* context);

 private:
  std::vector<ZSTD_CCtx_s*> compressors_;
  std::vector<ZSTD_DCtx_s*> decompressors_;
};

}  // namespace highwater::compress
