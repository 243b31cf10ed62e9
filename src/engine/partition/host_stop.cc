// The clean stop of one core's partitions: thousands of logs closed with a few syncs (architecture.md, W4).
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/partition/host_body.h"

namespace highwater::engine {

namespace {

// Logs that are flushed side by side, and what their last files may come to before they are replaced in one go: large
// indexes do not all wait in memory.
constexpr std::size_t closers_max = 32;
constexpr std::size_t waiting_files_max = 16'384;
constexpr std::size_t waiting_bytes_max = std::size_t{32} << 20;

}  // namespace

io::Task<void> PartitionHost::Body::stop() {
  co_await settle();
  stopping = true;
  std::vector<std::uint64_t> waiting;
  for (const auto& [id, call] : reads)
    if (!call->reading) waiting.push_back(id);
  for (const std::uint64_t id : waiting) {
    std::vector<ReadOutcome> outcomes(reads.at(id)->parts.size());
    for (ReadOutcome& outcome : outcomes) outcome.error = ErrorCode::not_leader_or_follower;
    unpark(id, *reads.at(id));
    conclude(id, std::move(outcomes), When::at_once);
  }
  for (const auto& [id, entry] : entries) to_close.push_back(id);
  closers = std::min(closers_max, to_close.size());
  for (std::size_t left = closers; left > 0; --left) {
    ++operations;
    tasks.spawn(close_some());
  }
  co_await settle();
  for (const auto& [id, log] : found_logs) closed_positions.push_back(untouched(log));
  for (const FoundLog& log : nameless) closed_positions.push_back(untouched(log));
}

// Logs that were found and never asked for keep what their checkpoints said; unclean ones stay unclean.
LogPosition PartitionHost::Body::untouched(const FoundLog& log) {
  if (log.shutdown == Shutdown::unclean) all_clean = false;
  LogPosition position;
  position.directory = log.directory;
  position.topic = log.topic;
  position.index = log.index;
  position.recovery_point = log.recovery_point;
  position.high_watermark = log.high_watermark.value_or(log.log_start);
  position.log_start = log.log_start;
  return position;
}

io::Task<void> PartitionHost::Body::close_some() {
  while (!to_close.empty()) {
    const TopicPartition id = to_close.back();
    to_close.pop_back();
    co_await close_one(id);
    if (closed.files.size() >= waiting_files_max || closed.bytes >= waiting_bytes_max) co_await finish_closed();
  }
  if (--closers == 0) co_await finish_closed();
  operation_ended();
}

io::Task<void> PartitionHost::Body::finish_closed() {
  Closed some = std::exchange(closed, {});
  if (!some.files.empty()) {
    auto replaced = co_await reactor.files().replace_files(std::move(some.files));
    if (!replaced.has_value()) {
      all_clean = false;
      logger.error("Closing {} logs failed: {}; their files are left as after a crash", some.positions.size(),
                   io::io_error_text(replaced.error()));
      co_return;
    }
  }
  std::ranges::move(some.positions, std::back_inserter(closed_positions));
}

io::Task<void> PartitionHost::Body::close_one(TopicPartition id) {
  Entry& entry = entries.at(id);
  co_await unused(entry);
  if (entry.partition == nullptr || !entry.partition->online()) {
    all_clean = false;
    co_return;
  }
  // What waits is answered by the last commit; what still waits then is not ours to acknowledge.
  std::vector<io::NewFile> last;
  auto done = co_await entry.partition->close(last);
  entry.partition->resign();
  if (!done.has_value()) {
    all_clean = false;
    logger.error("Closing {} failed: its files are left as after a crash", entry.partition->identity().path);
    co_return;
  }
  closed.positions.push_back(position_of(*entry.partition));
  for (const io::NewFile& file : last) closed.bytes += file.content.size();
  std::ranges::move(last, std::back_inserter(closed.files));
}

}  // namespace highwater::engine
