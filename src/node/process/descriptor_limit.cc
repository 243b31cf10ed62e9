#include "node/process/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>

namespace highwater::node {

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  return limit.rlim_cur;
}

std::size_t log_files_per_core(std::size_t limit, std::size_t cores) {
  return std::clamp<std::size_t>(limit / 2 / cores, 16, 65'536);
}

std::int32_t connections_max(std::size_t limit) {
  const std::size_t kept = std::clamp<std::size_t>(limit / 64, 64, 4096);
  return static_cast<std::int32_t>(std::clamp<std::size_t>(limit, kept + 16, INT32_MAX) - kept);
}

}  // namespace highwater::node
