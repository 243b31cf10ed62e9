// The clean stop of one core's partitions: thousands of logs closed with a few syncs.
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
  co_await remove_leaving();
  // What was found and never asked for stays as it is.
  for (const FoundLog* log : unasked())
    if (log->shutdown == Shutdown::unclean) unclean_directories[log->directory] = true;
}

// They hold logs that nobody closed: Kafka would recover them at its start, after a clean stop.
io::Task<void> PartitionHost::Body::remove_leaving() {
  for (const std::string& path : std::exchange(leaving, {})) {
    auto removed = co_await reactor.files().remove_tree(path);
    if (!removed.has_value()) logger.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
  }
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
  if (some.files.empty()) co_return;
  auto replaced = co_await reactor.files().replace_files(std::move(some.files));
  if (replaced.has_value()) co_return;
  for (const std::size_t directory : some.directories) unclean_directories[directory] = true;
  logger.error("Closing {} logs failed: {}; their files are left as after a crash", some.logs,
               io::io_error_text(replaced.error()));
}

io::Task<void> PartitionHost::Body::close_one(TopicPartition id) {
  Entry& entry = entries.at(id);
  co_await unused(entry);
  const std::size_t directory = entry.partition->identity().directory;
  if (!entry.partition->online()) {
    unclean_directories[directory] = true;
    co_return;
  }
  // What waits is answered by the last commit; what still waits then is not ours to acknowledge.
  std::vector<io::NewFile> last;
  auto done = co_await entry.partition->close(last);
  entry.partition->resign();
  if (!done.has_value()) {
    unclean_directories[directory] = true;
    logger.error("Closing {} failed: its files are left as after a crash", entry.partition->identity().path);
    co_return;
  }
  closed.logs += 1;
  closed.directories.insert(directory);
  for (const io::NewFile& file : last) closed.bytes += file.content.size();
  std::ranges::move(last, std::back_inserter(closed.files));
}

}  // namespace highwater::engine
