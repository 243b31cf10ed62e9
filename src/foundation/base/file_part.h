// Bytes of a file that are known by their place alone: they go from the page cache to a socket without coming into
// memory. Only io makes and sends them; in between they are a value, may travel between cores, and keep the file open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "foundation/base/slice.h"

namespace highwater {

// An open file of some body of io, which alone knows what it is.
class FileHandle {
 public:
  FileHandle() = default;
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  virtual ~FileHandle() = default;
};

struct FilePart {
  std::shared_ptr<const FileHandle> file;
  std::uint64_t offset = 0;
  std::size_t length = 0;
};

// What goes out in one run: bytes in memory or a part of a file, never both.
struct Piece {
  explicit Piece(Slice slice) : bytes(std::move(slice)) {}
  explicit Piece(FilePart part) : file(std::move(part)) {}

  Slice bytes;
  FilePart file;

  bool in_memory() const { return file.file == nullptr; }
  std::size_t size() const { return in_memory() ? bytes.size() : file.length; }
  void drop_front(std::size_t count) {
    if (in_memory()) {
      bytes = bytes.part(count, bytes.size() - count);
    } else {
      file.offset += count;
      file.length -= count;
    }
  }
};

}  // namespace highwater
