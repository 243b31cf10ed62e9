// The descriptor behind a FilePart: one of its own, so that it may be closed on whatever core sent the last byte.
#pragma once

#include <utility>

#include "foundation/base/file_part.h"
#include "io/linux/descriptor.h"

namespace highwater::io {

class SentFile final : public FileHandle {
 public:
  explicit SentFile(Descriptor fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

 private:
  Descriptor fd_;
};

}  // namespace highwater::io
