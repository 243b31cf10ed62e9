#include "protocol/records/batch_scan.h"

#include <fmt/core.h>

namespace highwater::records {
namespace {

// Smallest record of magic 0: crc, magic, attributes, key length, value length.
constexpr std::int32_t smallest_length = 14;

}  // namespace

std::string describe_break(ByteView rest) {
  const auto length = load_be<std::int32_t>(rest.data() + header::length);
  if (length < smallest_length)
    return fmt::format("Record size {} is less than the minimum record overhead ({})", length, smallest_length);
  return fmt::format("Invalid magic found in record: {}", load_be<std::int8_t>(rest.data() + header::magic));
}

std::optional<RawBatch> BatchScanner::next() {
  const ByteView rest = range_.subspan(position_);
  if (rest.empty()) {
    end_ = ScanEnd::clean;
    return std::nullopt;
  }
  end_ = ScanEnd::truncated;
  if (rest.size() < log_overhead) return std::nullopt;
  const auto length = load_be<std::int32_t>(rest.data() + header::length);
  if (length < smallest_length) {
    end_ = ScanEnd::length_too_small;
    return std::nullopt;
  }
  if (rest.size() < size_up_to_magic) return std::nullopt;
  const auto magic = load_be<std::int8_t>(rest.data() + header::magic);
  if (magic < 0 || magic > current_magic) {
    end_ = ScanEnd::unknown_magic;
    return std::nullopt;
  }
  const std::size_t size = static_cast<std::size_t>(length) + log_overhead;
  if (rest.size() < size) return std::nullopt;
  const RawBatch batch{.bytes = rest.first(size), .position = position_, .magic = magic};
  position_ += size;
  return batch;
}

}  // namespace highwater::records
