#include "checkers/stopped_node.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "protocol/records/batch_scan.h"

namespace highwater::sim {

namespace {

using engine::join_path;
using engine::OffsetsByName;

struct Log {
  Offset begin = 0;  // of its first segment
  Offset end = 0;
};
using LogsByName = std::map<std::pair<std::string, std::int32_t>, Log>;

class StoppedNode {
 public:
  StoppedNode(io::sim::Disk& disk, std::vector<std::string>& wrongs) : disk_(disk), wrongs_(wrongs) {}
  void look_at(const std::string& root);

 private:
  LogsByName logs_in(const std::string& root);
  Log read_log(const std::string& path);
  Offset end_of_segment(const std::string& path, Offset begin);
  OffsetsByName read_checkpoint(const std::string& root, std::string_view name);
  void check_ends(const std::string& root, std::string_view name, const LogsByName& logs);
  void check_starts(const std::string& root, const LogsByName& logs);

  io::sim::Disk& disk_;
  std::vector<std::string>& wrongs_;
  std::map<std::pair<std::string, std::int32_t>, std::string> places_;  // of all logs, in all directories
};

void StoppedNode::look_at(const std::string& root) {
  if (!disk_.content(join_path(root, engine::clean_shutdown_name)).has_value())
    wrongs_.push_back(root + " has no marker of a clean stop");
  const LogsByName logs = logs_in(root);
  check_ends(root, engine::recovery_point_checkpoint_name, logs);
  check_ends(root, engine::high_watermark_checkpoint_name, logs);
  check_starts(root, logs);
}

LogsByName StoppedNode::logs_in(const std::string& root) {
  LogsByName logs;
  const auto entries = disk_.list(root);
  if (!entries.has_value()) return logs;
  for (const io::DirectoryEntry& entry : *entries) {
    const std::string path = join_path(root, entry.name);
    if (engine::is_future_directory(entry.name) || engine::is_deleted_directory(entry.name))
      wrongs_.push_back(path + " is left behind");
    const auto name = engine::parse_partition_directory(entry.name);
    if (!name.has_value() || name->topic == "__cluster_metadata") continue;
    const std::pair key{name->topic, name->index};
    const auto [known, is_first] = places_.try_emplace(key, path);
    if (!is_first) wrongs_.push_back(fmt::format("one log is in {} and in {}", known->second, path));
    logs[key] = read_log(path);
  }
  return logs;
}

Log StoppedNode::read_log(const std::string& path) {
  std::vector<Offset> segments;
  const auto entries = disk_.list(path);
  if (entries.has_value()) {
    for (const io::DirectoryEntry& entry : *entries) {
      const auto name = engine::parse_offset_file_name(entry.name);
      if (name.has_value() && name->suffix == engine::suffix::log) segments.push_back(name->offset);
    }
  }
  if (segments.empty()) {
    wrongs_.push_back(path + " has no segment");
    return {};
  }
  const auto [first, last] = std::ranges::minmax(segments);
  const std::string file = join_path(path, engine::offset_file_name(last, engine::suffix::log));
  return {.begin = first, .end = end_of_segment(file, last)};
}

Offset StoppedNode::end_of_segment(const std::string& path, Offset begin) {
  const std::string bytes = disk_.content(path).value_or(std::string());
  Offset end = begin;
  const records::ScanEnd how = records::for_each_batch(as_bytes(bytes), [&end](const records::RawBatch& batch) {
    if (batch.has_header()) end = batch.view().last_offset() + 1;
  });
  if (how != records::ScanEnd::clean) wrongs_.push_back(path + " does not end with a whole batch");
  return end;
}

OffsetsByName StoppedNode::read_checkpoint(const std::string& root, std::string_view name) {
  const auto text = disk_.content(join_path(root, name));
  if (!text.has_value()) return {};
  auto offsets = engine::parse_offset_checkpoint(*text);
  if (offsets.has_value()) return std::move(*offsets);
  wrongs_.push_back(fmt::format("{}/{}: {}", root, name, offsets.error().text));
  return {};
}

void StoppedNode::check_ends(const std::string& root, std::string_view name, const LogsByName& logs) {
  OffsetsByName offsets = read_checkpoint(root, name);
  for (const auto& [key, log] : logs) {
    const auto found = offsets.find(key);
    if (found == offsets.end()) {
      wrongs_.push_back(fmt::format("{}/{} does not name {}-{}", root, name, key.first, key.second));
      continue;
    }
    if (found->second != log.end) {
      wrongs_.push_back(fmt::format("{}/{} has {}-{} at {}, it ends at {}", root, name, key.first, key.second,
                                    found->second, log.end));
    }
    offsets.erase(found);
  }
  for (const auto& [key, offset] : offsets)
    wrongs_.push_back(fmt::format("{}/{} names {}-{}, which is not there", root, name, key.first, key.second));
}

void StoppedNode::check_starts(const std::string& root, const LogsByName& logs) {
  for (const auto& [key, start] : read_checkpoint(root, engine::log_start_checkpoint_name)) {
    const auto log = logs.find(key);
    if (log != logs.end() && start > log->second.begin && start <= log->second.end) continue;
    wrongs_.push_back(fmt::format(
        "{}/{} has {}-{} begin at {}: {}", root, engine::log_start_checkpoint_name, key.first, key.second, start,
        log == logs.end() ? std::string("it is not there")
                          : fmt::format("it goes from {} to {}", log->second.begin, log->second.end)));
  }
}

}  // namespace

std::vector<std::string> wrongs_after_clean_stop(io::sim::Disk& disk, const std::vector<std::string>& directories) {
  std::vector<std::string> wrongs;
  StoppedNode node(disk, wrongs);
  for (const std::string& directory : directories) node.look_at(directory);
  return wrongs;
}

}  // namespace highwater::sim
