#include "engine/partition/directories.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "foundation/base/check.h"

namespace highwater::engine {

using io::IoError;

namespace {

constexpr std::size_t checkpoint_bytes_max = std::size_t{256} << 20;
constexpr std::size_t small_file_bytes_max = 4096;

Failure broken(const std::string& path, IoError error) {
  return {fmt::format("{}: {}", path, io::io_error_text(error))};
}

}  // namespace

Directories::Directories(io::Reactor& reactor, Logger logger, std::vector<Directory> all)
    : reactor_(reactor),
      logger_(std::move(logger)),
      all_(std::move(all)),
      checkpoints_(all_.size()),
      offline_(all_.size()),
      tasks_(reactor.ready()) {}

io::Task<Result<void>> Directories::read_checkpoints(std::size_t number) {
  const std::string& root = all_[number].path;
  Checkpoints& checkpoints = checkpoints_[number];
  auto read = co_await read_offsets(join_path(root, recovery_point_checkpoint_name), checkpoints.recovery_points);
  if (read.has_value())
    read = co_await read_offsets(join_path(root, high_watermark_checkpoint_name), checkpoints.high_watermarks);
  if (read.has_value())
    read = co_await read_offsets(join_path(root, log_start_checkpoint_name), checkpoints.log_starts);
  co_return read;
}

io::Task<Result<void>> Directories::read_offsets(std::string path, Checkpoint& checkpoint) {
  auto text = co_await reactor_.files().read_file(path, checkpoint_bytes_max);
  if (!text.has_value() && text.error() == IoError::not_found) {
    checkpoint.on_disk = OnDisk::absent;
    co_return Result<void>{};
  }
  if (!text.has_value()) co_return std::unexpected(broken(path, text.error()));
  auto parsed = parse_offset_checkpoint(as_text(text->view()));
  // As Kafka: a checkpoint that cannot be read counts as absent, and its logs are recovered from their beginning.
  if (!parsed.has_value()) {
    logger_.warn("The checkpoint {} cannot be used: {}", path, parsed.error().text);
    co_return Result<void>{};
  }
  checkpoint.offsets = std::move(*parsed);
  checkpoint.on_disk = OnDisk::as_here;
  co_return Result<void>{};
}

io::Task<Result<std::vector<FoundLog>>> Directories::open() {
  std::vector<FoundLog> found;
  std::optional<BrokerEpoch> epoch;
  bool agreed = true;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    auto one = co_await open_one(i, found);
    if (!one.has_value()) co_return std::unexpected(one.error());
    if (!one->has_value() || (i > 0 && *one != epoch)) agreed = false;
    epoch = *one;
  }
  if (agreed) previous_epoch_ = epoch;
  co_return found;
}

// The marker's broker epoch. The marker goes before anything is served: from now on a crash is a crash.
io::Task<Result<std::optional<BrokerEpoch>>> Directories::open_one(std::size_t number, std::vector<FoundLog>& found) {
  io::FileSystem& files = reactor_.files();
  const std::string& root = all_[number].path;
  const std::string marker = join_path(root, clean_shutdown_name);
  std::optional<BrokerEpoch> epoch;
  Shutdown shutdown = Shutdown::unclean;
  auto text = co_await files.read_file(marker, small_file_bytes_max);
  if (text.has_value()) {
    shutdown = Shutdown::clean;
    epoch = parse_clean_shutdown(as_text(text->view()));
    auto removed = co_await files.remove(marker);
    if (!removed.has_value()) co_return std::unexpected(broken(marker, removed.error()));
  } else if (text.error() != IoError::not_found) {
    co_return std::unexpected(broken(marker, text.error()));
  }
  // The marker's absence, and the names of logs that a killed process had made and not yet synced: a later power cut
  // would take them away, with all that was acknowledged since.
  auto named = co_await files.sync_directory(root);
  if (!named.has_value()) co_return std::unexpected(broken(root, named.error()));
  auto read = co_await read_checkpoints(number);
  if (!read.has_value()) co_return std::unexpected(read.error());

  const Checkpoints& checkpoints = checkpoints_[number];
  auto entries = co_await files.list(root);
  if (!entries.has_value()) co_return std::unexpected(broken(root, entries.error()));
  note_gone(number, *entries);
  for (const io::DirectoryEntry& entry : *entries) {
    if (!entry.is_directory) continue;
    const std::string path = join_path(root, entry.name);
    if (is_deleted_directory(entry.name)) {
      auto removed = co_await files.remove_tree(path);
      if (!removed.has_value()) logger_.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
      continue;
    }
    const bool is_copy = is_future_directory(entry.name);
    const auto name = parse_partition_directory(is_copy ? *set_aside_name(entry.name) : entry.name);
    if (!name.has_value() || name->topic == "__cluster_metadata") continue;
    FoundLog log;
    log.path = path;
    log.topic = name->topic;
    log.index = name->index;
    log.directory = number;
    log.is_copy = is_copy;
    if (!is_copy) log.shutdown = shutdown;
    const std::pair key{name->topic, name->index};
    if (const auto at = checkpoints.recovery_points.offsets.find(key);
        at != checkpoints.recovery_points.offsets.end() && !is_copy)
      log.recovery_point = at->second;
    if (const auto at = checkpoints.high_watermarks.offsets.find(key); at != checkpoints.high_watermarks.offsets.end())
      log.high_watermark = at->second;
    if (const auto at = checkpoints.log_starts.offsets.find(key); at != checkpoints.log_starts.offsets.end())
      log.log_start = at->second;
    auto identified = co_await read_topic_id(log);
    if (!identified.has_value()) co_return std::unexpected(identified.error());
    found.push_back(std::move(log));
  }
  co_return epoch;
}

io::Task<Result<void>> Directories::read_topic_id(FoundLog& log) {
  const std::string path = join_path(log.path, partition_metadata_name);
  auto text = co_await reactor_.files().read_file(path, small_file_bytes_max);
  if (!text.has_value() && text.error() == IoError::not_found) co_return Result<void>{};
  const bool is_too_long = !text.has_value() && text.error() == IoError::other;
  if (!text.has_value() && !is_too_long) co_return std::unexpected(broken(path, text.error()));
  const Result<Uuid> id = is_too_long
                              ? failure(fmt::format("it is longer than {} bytes, or no file", small_file_bytes_max))
                              : parse_partition_metadata(as_text(text->view()));
  if (id.has_value()) {
    log.topic_id = *id;
  } else {
    log.damage = fmt::format("{}: {}", path, id.error().text);
  }
  co_return Result<void>{};
}

// A topic that was deleted, and made anew before a crash, leaves the old folder under another name and the old line.
void Directories::note_gone(std::size_t number, const std::vector<io::DirectoryEntry>& entries) {
  for (const Checkpoint* checkpoint : {&checkpoints_[number].recovery_points, &checkpoints_[number].high_watermarks}) {
    for (const auto& [name, offset] : checkpoint->offsets) {
      if (offset == 0) continue;
      Offset& end = gone_[{number, name.first, name.second}];
      end = std::max(end, offset);
    }
  }
  for (const io::DirectoryEntry& entry : entries) {
    const auto name = parse_partition_directory(set_aside_name(entry.name).value_or(entry.name));
    if (name.has_value()) gone_.erase({number, name->topic, name->index});
  }
}

void Directories::tell_if_gone(const LogName& name) {
  const auto found = gone_.find(name);
  if (found == gone_.end()) return;
  const std::string& root = all_[name.directory].path;
  logger_.warn("{} is gone, and the checkpoints beside it tell of records up to offset {}: the log is made anew, empty",
               join_path(root, partition_directory_name(name.topic, name.index)), found->second);
  gone_.erase(found);
}

// -- writing ----------------------------------------------------------------------------------------------------------

io::Task<Directories::Turn> Directories::turn() {
  while (turn_is_taken_) {
    auto [promise, future] = reactor_.make_future<io::Done>();
    turn_waiters_.push_back(std::move(promise));
    co_await std::move(future);
  }
  turn_is_taken_ = true;
  co_return Turn(*this);
}

// All of them look again: one may be gone by then.
void Directories::end_turn() {
  turn_is_taken_ = false;
  for (io::Promise<io::Done>& waiter : std::exchange(turn_waiters_, {})) waiter.complete({});
}

io::Task<Result<void>> Directories::write_offsets(std::string path, Checkpoint& checkpoint, OffsetsByName offsets) {
  if (checkpoint.on_disk == OnDisk::as_here && checkpoint.offsets == offsets) co_return Result<void>{};
  Slice text = Slice::copy_of(as_bytes(offset_checkpoint_text(offsets)));
  checkpoint.on_disk = OnDisk::unknown;  // until that is over, also when the frame goes before
  auto replaced = co_await reactor_.files().replace_file(path, std::move(text));
  if (!replaced.has_value()) co_return std::unexpected(broken(path, replaced.error()));
  checkpoint.offsets = std::move(offsets);
  checkpoint.on_disk = OnDisk::as_here;
  co_return Result<void>{};
}

io::Task<Result<void>> Directories::write_all(std::string_view name, Checkpoint Checkpoints::* which,
                                              std::vector<OffsetsByName> by_directory) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (offline_[i]) continue;
    std::string path = join_path(all_[i].path, name);
    auto written = co_await write_offsets(std::move(path), checkpoints_[i].*which, std::move(by_directory[i]));
    if (!written.has_value()) co_return written;
  }
  co_return Result<void>{};
}

void Directories::forget(LogName name, Reply<Result<void>> reply) {
  doomed_.push_back({std::move(name), std::move(reply)});
  if (!forgetting_) tasks_.spawn(forget_doomed());
}

// The many partitions of a topic go with one write.
io::Task<void> Directories::forget_doomed() {
  forgetting_ = true;
  while (!doomed_.empty()) {
    const Turn held = co_await turn();
    std::vector<Doomed> some = std::exchange(doomed_, {});
    for (const Doomed& one : some) tell_if_gone(one.name);
    auto done = co_await write_without(some, recovery_point_checkpoint_name, &Checkpoints::recovery_points);
    if (done.has_value())
      done = co_await write_without(some, high_watermark_checkpoint_name, &Checkpoints::high_watermarks);
    if (done.has_value()) done = co_await write_without(some, log_start_checkpoint_name, &Checkpoints::log_starts);
    for (Doomed& one : some) one.reply.complete(done);
  }
  forgetting_ = false;
}

io::Task<Result<void>> Directories::write_without(const std::vector<Doomed>& doomed, std::string_view name,
                                                  Checkpoint Checkpoints::* which) {
  std::vector<std::optional<OffsetsByName>> left(all_.size());
  for (const Doomed& one : doomed) {
    const Checkpoint& checkpoint = checkpoints_[one.name.directory].*which;
    const std::pair key{one.name.topic, one.name.index};
    // What is on the disk after a failed write may name it, whatever is known here.
    if (checkpoint.on_disk != OnDisk::unknown && !checkpoint.offsets.contains(key)) continue;
    std::optional<OffsetsByName>& offsets = left[one.name.directory];
    if (!offsets.has_value()) offsets = checkpoint.offsets;
    offsets->erase(key);
  }
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!left[i].has_value() || offline_[i]) continue;
    std::string path = join_path(all_[i].path, name);
    auto written = co_await write_offsets(std::move(path), checkpoints_[i].*which, std::move(*left[i]));
    if (!written.has_value()) co_return written;
  }
  co_return Result<void>{};
}

void Directories::begin_making(LogName name, Reply<io::Done> reply) {
  const auto [at, is_first] = making_.try_emplace(std::move(name));
  if (is_first) {
    reply.complete({});
  } else {
    at->second.push_back(std::move(reply));
  }
}

void Directories::end_making(const LogName& name) {
  const auto at = making_.find(name);
  HW_CHECK(at != making_.end());
  if (at->second.empty()) {
    making_.erase(at);
    return;
  }
  Reply<io::Done> next = std::move(at->second.front());
  at->second.pop_front();
  next.complete({});
}

void Directories::raise_log_starts(std::vector<LogPosition> logs, Reply<Result<void>> reply) {
  raised_.push_back({std::move(logs), std::move(reply)});
  if (!raising_) tasks_.spawn(write_raised());
}

io::Task<void> Directories::write_raised() {
  raising_ = true;
  while (!raised_.empty()) {
    const Turn held = co_await turn();
    std::vector<Raised> some = std::exchange(raised_, {});
    const auto done = co_await write_log_starts_of(some);
    for (Raised& one : some) one.reply.complete(done);
  }
  raising_ = false;
}

// Whoever asked first may be behind a checkpoint of all logs: a start never goes back.
io::Task<Result<void>> Directories::write_log_starts_of(const std::vector<Raised>& raised) {
  std::vector<std::optional<OffsetsByName>> next(all_.size());
  for (const Raised& one : raised) {
    for (const LogPosition& log : one.logs) {
      if (log.log_start <= log.first_segment) continue;
      std::optional<OffsetsByName>& offsets = next[log.directory];
      if (!offsets.has_value()) offsets = checkpoints_[log.directory].log_starts.offsets;
      Offset& start = (*offsets)[{log.topic, log.index}];
      start = std::max(start, log.log_start);
    }
  }
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!next[i].has_value() || offline_[i]) continue;
    std::string path = join_path(all_[i].path, log_start_checkpoint_name);
    auto written = co_await write_offsets(std::move(path), checkpoints_[i].log_starts, std::move(*next[i]));
    if (!written.has_value()) co_return written;
  }
  co_return Result<void>{};
}

io::Task<Result<void>> Directories::checkpoint_recovery_points(std::vector<LogPosition> logs) {
  std::vector<OffsetsByName> offsets(all_.size());
  for (const LogPosition& log : logs) offsets[log.directory][{log.topic, log.index}] = log.recovery_point;
  auto written = co_await write_all(recovery_point_checkpoint_name, &Checkpoints::recovery_points, std::move(offsets));
  co_return written;
}

io::Task<Result<void>> Directories::checkpoint_high_watermarks(std::vector<LogPosition> logs) {
  std::vector<OffsetsByName> offsets(all_.size());
  for (const LogPosition& log : logs) offsets[log.directory][{log.topic, log.index}] = log.high_watermark;
  auto written = co_await write_all(high_watermark_checkpoint_name, &Checkpoints::high_watermarks, std::move(offsets));
  co_return written;
}

io::Task<Result<void>> Directories::checkpoint_log_starts(std::vector<LogPosition> logs) {
  std::vector<OffsetsByName> offsets(all_.size());
  for (const LogPosition& log : logs) {
    // A start may have been raised since the logs were asked.
    const OffsetsByName& known = checkpoints_[log.directory].log_starts.offsets;
    const auto raised = known.find({log.topic, log.index});
    const Offset start = raised == known.end() ? log.log_start : std::max(log.log_start, raised->second);
    if (start > log.first_segment) offsets[log.directory][{log.topic, log.index}] = start;
  }
  auto written = co_await write_all(log_start_checkpoint_name, &Checkpoints::log_starts, std::move(offsets));
  co_return written;
}

io::Task<Result<void>> Directories::mark_clean(BrokerEpoch epoch, std::vector<std::size_t> closed) {
  for (const std::size_t i : closed) {
    if (offline_[i]) continue;
    const std::string path = join_path(all_[i].path, clean_shutdown_name);
    Slice text = Slice::copy_of(as_bytes(clean_shutdown_text(epoch)));
    auto replaced = co_await reactor_.files().replace_file(path, std::move(text));
    if (!replaced.has_value()) co_return std::unexpected(broken(path, replaced.error()));
  }
  co_return Result<void>{};
}

}  // namespace highwater::engine
