#include "engine/storage/segment_scanner.h"

#include <algorithm>

#include "protocol/records/big_endian.h"

namespace highwater::engine {

// At least a whole batch, when the rest of the last window says how long the next one is.
std::uint64_t SegmentScanner::wanted_here() const {
  const std::uint64_t left = end_ - position_;
  std::uint64_t wanted = window_bytes;
  const auto inside = static_cast<std::size_t>(position_ - window_start_);
  if (position_ >= window_start_ && inside + records::log_overhead <= window_.size()) {
    const auto declared = records::load_be<std::int32_t>(window_.data() + inside + records::header::length);
    if (declared > 0) wanted = std::max(wanted, static_cast<std::uint64_t>(declared) + records::log_overhead);
  }
  return std::min(wanted, left);
}

io::Task<io::IoResult<bool>> SegmentScanner::load() {
  for (;;) {
    if (position_ >= end_) {
      ended_ = records::ScanEnd::clean;
      co_return false;
    }
    const std::uint64_t wanted = wanted_here();
    if (!window_.empty()) co_await reactor_.sleep_until(reactor_.now());
    auto file = co_await file_.use();
    if (!file.has_value()) co_return std::unexpected(file.error());
    auto bytes = co_await (*file)->read(position_, static_cast<std::size_t>(wanted));
    if (!bytes.has_value()) co_return std::unexpected(bytes.error());
    window_ = std::move(*bytes);
    window_start_ = position_;
    scanner_ = records::BatchScanner(window_.view());
    records::BatchScanner probe(window_.view());
    if (probe.next().has_value()) co_return true;
    ended_ = probe.end();
    if (ended_ != records::ScanEnd::truncated) co_return false;
    // Either the file really ends here, or the batch is larger than the window: its length is known now.
    if (window_.size() < wanted || wanted_here() <= wanted) co_return false;
  }
}

std::optional<records::RawBatch> SegmentScanner::next() {
  auto batch = scanner_.next();
  if (!batch.has_value()) return batch;
  batch_position_ = window_start_ + batch->position;
  position_ = batch_position_ + batch->bytes.size();
  return batch;
}

}  // namespace highwater::engine
