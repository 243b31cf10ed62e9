#include "engine/partition/directories.h"

#include <fmt/format.h>

#include <utility>

#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"

namespace highwater::engine {

using io::IoError;

namespace {

constexpr std::size_t checkpoint_bytes_max = std::size_t{256} << 20;
constexpr std::size_t small_file_bytes_max = 4096;

Failure broken(const std::string& path, IoError error) {
  return {fmt::format("{}: {}", path, io::io_error_text(error))};
}

}  // namespace

Directories::Directories(io::Reactor& reactor, Logger logger, std::vector<Place> places)
    : reactor_(reactor), logger_(std::move(logger)), places_(std::move(places)) {}

struct Directories::Checkpoints {
  OffsetsByName recovery_points;
  OffsetsByName high_watermarks;
  OffsetsByName log_starts;
};

io::Task<Result<void>> Directories::read_offsets(std::string path, OffsetsByName& offsets) {
  auto text = co_await reactor_.files().read_file(path, checkpoint_bytes_max);
  if (!text.has_value() && text.error() == IoError::not_found) co_return Result<void>{};
  if (!text.has_value()) co_return std::unexpected(broken(path, text.error()));
  auto parsed = parse_offset_checkpoint(as_text(text->view()));
  // As Kafka: a checkpoint that cannot be read counts as absent, and its logs are recovered from their beginning.
  if (!parsed.has_value()) {
    logger_.warn("The checkpoint {} cannot be used: {}", path, parsed.error().text);
    co_return Result<void>{};
  }
  offsets = std::move(*parsed);
  co_return Result<void>{};
}

io::Task<Result<std::vector<FoundLog>>> Directories::open() {
  std::vector<FoundLog> found;
  std::optional<BrokerEpoch> epoch;
  bool agreed = true;
  for (std::size_t i = 0; i < places_.size(); ++i) {
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
  const std::string& root = places_[number].path;
  const std::string marker = join_path(root, clean_shutdown_name);
  std::optional<BrokerEpoch> epoch;
  Shutdown shutdown = Shutdown::unclean;
  auto text = co_await files.read_file(marker, small_file_bytes_max);
  if (text.has_value()) {
    shutdown = Shutdown::clean;
    epoch = parse_clean_shutdown(as_text(text->view()));
    auto removed = co_await files.remove(marker);
    if (removed.has_value()) removed = co_await files.sync_directory(root);
    if (!removed.has_value()) co_return std::unexpected(broken(marker, removed.error()));
  } else if (text.error() != IoError::not_found) {
    co_return std::unexpected(broken(marker, text.error()));
  }
  Checkpoints checkpoints;
  auto read = co_await read_offsets(join_path(root, recovery_point_checkpoint_name), checkpoints.recovery_points);
  if (read.has_value())
    read = co_await read_offsets(join_path(root, high_watermark_checkpoint_name), checkpoints.high_watermarks);
  if (read.has_value())
    read = co_await read_offsets(join_path(root, log_start_checkpoint_name), checkpoints.log_starts);
  if (!read.has_value()) co_return std::unexpected(read.error());

  auto entries = co_await files.list(root);
  if (!entries.has_value()) co_return std::unexpected(broken(root, entries.error()));
  for (const io::DirectoryEntry& entry : *entries) {
    if (!entry.is_directory) continue;
    const std::string path = join_path(root, entry.name);
    if (is_deleted_directory(entry.name)) {
      auto removed = co_await files.remove_tree(path);
      if (!removed.has_value()) logger_.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
      continue;
    }
    const auto name = parse_partition_directory(entry.name);
    if (!name.has_value() || name->topic == "__cluster_metadata") continue;
    FoundLog log;
    log.path = path;
    log.topic = name->topic;
    log.index = name->index;
    log.directory = number;
    log.shutdown = shutdown;
    const std::pair key{name->topic, name->index};
    if (const auto at = checkpoints.recovery_points.find(key); at != checkpoints.recovery_points.end())
      log.recovery_point = at->second;
    if (const auto at = checkpoints.high_watermarks.find(key); at != checkpoints.high_watermarks.end())
      log.high_watermark = at->second;
    if (const auto at = checkpoints.log_starts.find(key); at != checkpoints.log_starts.end())
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
  if (!text.has_value()) co_return std::unexpected(broken(path, text.error()));
  auto id = parse_partition_metadata(as_text(text->view()));
  if (!id.has_value()) co_return failure(fmt::format("{}: {}", path, id.error().text));
  log.topic_id = *id;
  co_return Result<void>{};
}

io::Task<Result<void>> Directories::write_offsets(std::string_view name, std::vector<OffsetsByName> by_directory) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::string path = join_path(places_[i].path, name);
    Slice text = Slice::copy_of(as_bytes(offset_checkpoint_text(by_directory[i])));
    auto replaced = co_await reactor_.files().replace_file(path, std::move(text));
    if (!replaced.has_value()) co_return std::unexpected(broken(path, replaced.error()));
  }
  co_return Result<void>{};
}

io::Task<Result<void>> Directories::checkpoint_recovery_points(std::vector<LogPosition> logs) {
  std::vector<OffsetsByName> offsets(places_.size());
  for (const LogPosition& log : logs) offsets[log.directory][{log.topic, log.index}] = log.recovery_point;
  auto written = co_await write_offsets(recovery_point_checkpoint_name, std::move(offsets));
  co_return written;
}

io::Task<Result<void>> Directories::checkpoint_high_watermarks(std::vector<LogPosition> logs) {
  std::vector<OffsetsByName> offsets(places_.size());
  for (const LogPosition& log : logs) offsets[log.directory][{log.topic, log.index}] = log.high_watermark;
  auto written = co_await write_offsets(high_watermark_checkpoint_name, std::move(offsets));
  co_return written;
}

io::Task<Result<void>> Directories::checkpoint_log_starts(std::vector<LogPosition> logs) {
  std::vector<OffsetsByName> offsets(places_.size());
  for (const LogPosition& log : logs)
    if (log.log_start > log.first_segment) offsets[log.directory][{log.topic, log.index}] = log.log_start;
  auto written = co_await write_offsets(log_start_checkpoint_name, std::move(offsets));
  co_return written;
}

io::Task<Result<void>> Directories::mark_clean(BrokerEpoch epoch) {
  for (const Place& place : places_) {
    const std::string path = join_path(place.path, clean_shutdown_name);
    Slice text = Slice::copy_of(as_bytes(clean_shutdown_text(epoch)));
    auto replaced = co_await reactor_.files().replace_file(path, std::move(text));
    if (!replaced.has_value()) co_return std::unexpected(broken(path, replaced.error()));
  }
  co_return Result<void>{};
}

}  // namespace highwater::engine
