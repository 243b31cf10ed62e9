#include "engine/partition/closing.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace highwater::engine {

namespace {

// Logs that are flushed side by side, and what their last files may come to before they are replaced in one go: large
// indexes do not all wait in memory.
constexpr std::size_t closers_max = 32;
constexpr std::size_t waiting_files_max = 16'384;
constexpr std::size_t waiting_bytes_max = std::size_t{32} << 20;

}  // namespace

Closing::Closing(HostShared& host) : host_(host), tasks_(host.reactor.ready()) {}

void Closing::close_all() {
  for (const auto& [id, hosted] : host_.hosted.all()) to_close_.push_back(id);
  closers_ = std::min(closers_max, to_close_.size());
  for (std::size_t left = closers_; left > 0; --left) {
    host_.operations.begin();
    tasks_.spawn(close_some());
  }
}

io::Task<void> Closing::close_some() {
  while (!to_close_.empty()) {
    const TopicPartition id = to_close_.back();
    to_close_.pop_back();
    co_await close_one(id);
    if (closed_.files.size() >= waiting_files_max || closed_.bytes >= waiting_bytes_max) co_await finish_closed();
  }
  if (--closers_ == 0) co_await finish_closed();
  host_.operations.end();
}

io::Task<void> Closing::finish_closed() {
  Closed some = std::exchange(closed_, {});
  if (some.files.empty()) co_return;
  auto replaced = co_await host_.reactor.files().replace_files(std::move(some.files));
  if (replaced.has_value()) co_return;
  for (const std::size_t directory : some.directories) host_.health.note_unclean(directory);
  host_.logger.error("Closing {} logs failed: {}; their files are left as after a crash", some.logs,
                     io::io_error_text(replaced.error()));
}

io::Task<void> Closing::close_one(TopicPartition id) {
  HostedPartition& hosted = host_.hosted.at(id);
  co_await hosted.users.none(host_.reactor);
  for (const FoundLog& twin : hosted.twins) host_.health.note_unclean(twin.directory);
  const std::size_t directory = hosted.partition->identity().directory;
  if (!hosted.partition->online()) {
    host_.health.note_unclean(directory);
    co_return;
  }
  // What waits is answered by the last commit; what still waits then is not ours to acknowledge.
  std::vector<io::NewFile> last;
  auto done = co_await hosted.partition->close(last);
  hosted.partition->resign();
  if (!done.has_value()) {
    host_.health.note_unclean(directory);
    host_.logger.error("Closing {} failed: its files are left as after a crash", hosted.partition->identity().path);
    co_return;
  }
  closed_.logs += 1;
  closed_.directories.insert(directory);
  for (const io::NewFile& file : last) closed_.bytes += file.content.size();
  std::ranges::move(last, std::back_inserter(closed_.files));
}

}  // namespace highwater::engine
