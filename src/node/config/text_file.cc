#include "node/config/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace highwater::node {

Result<std::string> read_text_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failure(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  std::string text;
  std::array<char, 16'384> buffer{};
  ssize_t count = 0;
  while ((count = read(file, buffer.data(), buffer.size())) > 0 && text.size() <= text_file_limit)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  const int error = errno;
  close(file);
  if (count < 0) return failure(fmt::format("cannot read {}: {}", path, std::strerror(error)));
  if (text.size() > text_file_limit) return failure(fmt::format("cannot read {}: it is larger than 4 MiB", path));
  return text;
}

}  // namespace highwater::node
