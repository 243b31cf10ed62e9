// calibrate DIRECTORY: what this machine charges, in ns of CPU per KiB, for a checksum over warm bytes, for appending
// fresh pages to a file there in writes of 256 KiB, and for writing them again. Printed beside every benchmark.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/crypto/crc32c.h"

namespace bench {
namespace {

constexpr std::size_t write_bytes = 256 << 10;
constexpr int rounds = 1'024;
constexpr double kib = rounds * static_cast<double>(write_bytes) / 1024;

double thread_seconds() {
  timespec at{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

void calibrate(const std::string& directory) {
  std::vector<char> bytes(write_bytes, 'x');
  std::uint32_t sum = 0;
  double before = thread_seconds();
  for (int i = 0; i < rounds; ++i) {
    for (std::size_t at = 0; at < write_bytes; at += 65'536) {
      sum += highwater::crypto::crc32c(highwater::as_bytes(std::string_view(bytes.data() + at, 65'536)));
    }
  }
  const double checksum = (thread_seconds() - before) * 1e9 / kib;
  const std::string path = directory + "/calibrate";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const auto write_all = [&] {
    before = thread_seconds();
    for (int i = 0; i < rounds; ++i) {
      if (::pwrite(fd, bytes.data(), bytes.size(), i * static_cast<off_t>(write_bytes)) < 0) std::abort();
    }
    return (thread_seconds() - before) * 1e9 / kib;
  };
  const double fresh = write_all();
  const double again = write_all();
  ::close(fd);
  ::unlink(path.c_str());
  std::printf("{\"checksum_ns_per_kib\":%.1f,\"append_ns_per_kib\":%.1f,\"rewrite_ns_per_kib\":%.1f,\"sum\":%u}\n",
              checksum, fresh, again, sum);
}

}  // namespace
}  // namespace bench

int main(int count, char** words) { bench::calibrate(count > 1 ? words[1] : "."); }
