#include "node/init/init_directories.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace highwater::node {
namespace {

constexpr std::string_view metadata_log = "__cluster_metadata-0";

bool holds(const std::vector<io::DirectoryEntry>& entries, std::string_view name) {
  return std::ranges::find(entries, name, &io::DirectoryEntry::name) != entries.end();
}

std::size_t folders_besides_metadata(const std::vector<io::DirectoryEntry>& entries) {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries, [](const io::DirectoryEntry& entry) { return entry.is_directory && entry.name != metadata_log; }));
}

// Opens what is there already and lets go again at once.
io::Task<bool> is_locked(io::FileSystem& files, std::string directory) {
  auto file = co_await files.open(directory + "/.lock", io::OpenMode::read_write);
  if (!file) co_return false;
  const io::IoStatus locked = (*file)->try_lock();
  co_return !locked && locked.error() == io::IoError::locked;
}

DirectoryVerdict judge_unformatted(const std::string& path,
                                   const io::IoResult<std::vector<io::DirectoryEntry>>& listed) {
  if (!listed && listed.error() == io::IoError::not_found)
    return {path, DirectoryFate::to_format, "does not exist; formatting makes it"};
  if (!listed) return {path, DirectoryFate::refused, std::string(io::io_error_text(listed.error()))};
  const std::size_t partitions = folders_besides_metadata(*listed);
  if (partitions > 0)
    return {
        path, DirectoryFate::refused,
        fmt::format("has no meta.properties, but {} folders: it is no directory of a Kafka node, or has lost that file",
                    partitions)};
  return {path, DirectoryFate::to_format, "empty"};
}

DirectoryVerdict judge_formatted(const engine::LogDirectory& directory, const DirectoryQuestion& question,
                                 const std::vector<io::DirectoryEntry>& entries) {
  const engine::MetaProperties& own = directory.properties;
  const bool metadata_here = holds(entries, metadata_log);
  if (!own.version_is_current())
    return {directory.path, DirectoryFate::refused,
            "of a broker in ZooKeeper mode (version=0 in meta.properties): migrate the cluster to KRaft with Apache "
            "Kafka 3.9 first"};
  if (directory.path == question.metadata_directory && !metadata_here)
    return {directory.path, DirectoryFate::refused,
            fmt::format("has no {}: a broker in ZooKeeper mode, or metadata.log.dir is another", metadata_log)};
  if (question.node_id != no_node && own.node_id && *own.node_id != question.node_id)
    return {directory.path, DirectoryFate::refused,
            fmt::format("is of node {} (meta.properties), the configuration says {}", *own.node_id, question.node_id)};
  return {
      directory.path, DirectoryFate::taken_over,
      fmt::format("cluster {}, node {}, {} partitions{}, {}", own.cluster_id.value_or("unknown"),
                  own.node_id ? std::to_string(*own.node_id) : "unknown", folders_besides_metadata(entries),
                  metadata_here ? " and the metadata log" : "",
                  holds(entries, ".kafka_cleanshutdown") ? "stopped cleanly"
                                                         : "not stopped cleanly: its logs are recovered at the start")};
}

// One node has one cluster: later directories of another one are refused.
void check_clusters(const std::vector<engine::LogDirectory>& directories, std::vector<DirectoryVerdict>& verdicts) {
  const engine::LogDirectory* first = nullptr;
  for (std::size_t at = 0; at < directories.size(); ++at) {
    const engine::LogDirectory& directory = directories[at];
    if (directory.state != engine::DirectoryState::formatted) continue;
    if (first == nullptr) first = &directory;
    if (directory.properties.cluster_id != first->properties.cluster_id)
      verdicts[at] = {
          directory.path, DirectoryFate::refused,
          fmt::format("is of cluster {}, but {} is of cluster {}", directory.properties.cluster_id.value_or("unknown"),
                      first->path, first->properties.cluster_id.value_or("unknown"))};
  }
}

}  // namespace

std::string_view fate_name(DirectoryFate fate) {
  switch (fate) {
    case DirectoryFate::taken_over:
      return "opens";
    case DirectoryFate::to_format:
      return "empty";
    case DirectoryFate::in_use:
      return "in use";
    case DirectoryFate::refused:
      return "refused";
  }
  return "?";
}

io::Task<std::vector<DirectoryVerdict>> judge_directories(io::FileSystem& files, DirectoryQuestion question) {
  auto directories = co_await engine::read_log_directories(files, question.directories);
  std::vector<DirectoryVerdict> verdicts;
  for (const engine::LogDirectory& directory : directories) {
    if (directory.state == engine::DirectoryState::unreadable) {
      verdicts.push_back({directory.path, DirectoryFate::refused, directory.problem});
      continue;
    }
    auto entries = co_await files.list(directory.path);
    const bool formatted = directory.state == engine::DirectoryState::formatted && entries.has_value();
    verdicts.push_back(formatted ? judge_formatted(directory, question, *entries)
                                 : judge_unformatted(directory.path, entries));
    const bool locked = co_await is_locked(files, directory.path);
    if (!locked || verdicts.back().fate == DirectoryFate::refused) continue;
    verdicts.back().fate = DirectoryFate::in_use;
    verdicts.back().why =
        fmt::format("a process holds {}/.lock: stop it first; {}", directory.path, verdicts.back().why);
  }
  check_clusters(directories, verdicts);
  co_return verdicts;
}

}  // namespace highwater::node
