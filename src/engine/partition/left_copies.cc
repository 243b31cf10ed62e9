#include "engine/partition/left_copies.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace highwater::engine {

namespace {

enum class Adopted : std::uint8_t { yes, name_is_taken };

// In turn with topics of the same name that are made there meanwhile.
io::Task<Result<Adopted>> take_name_of_log(HostShared& host, FoundLog& copy) {
  io::FileSystem& files = host.reactor.files();
  const std::string& root = host.options.directories[copy.directory].path;
  std::string target = join_path(root, partition_directory_name(copy.topic, copy.index));
  const Directories::LogName name{copy.directory, copy.topic, copy.index};
  co_await host.directories.begin_making(name);
  auto listed = co_await files.list(target);
  const bool is_free = !listed.has_value() && listed.error() == io::IoError::not_found;
  io::IoStatus renamed;
  if (is_free) renamed = co_await files.rename(copy.path, target);
  if (is_free && renamed.has_value()) renamed = co_await files.sync_directory(root);
  host.directories.end_making(name);
  if (!renamed.has_value())
    co_return failure(fmt::format("renaming {} to {}: {}", copy.path, target, io::io_error_text(renamed.error())));
  if (!is_free) co_return Adopted::name_is_taken;
  host.logger.warn("The log of {}-{} is gone, and its copy is in the directory that it was to move to: {} is now {}",
                   copy.topic, copy.index, copy.path, target);
  copy.path = std::move(target);
  copy.is_copy = false;
  co_return Adopted::yes;
}

}  // namespace

io::Task<Result<void>> adopt_copy(HostShared& host, LogFolders& folders, HostedPartition& hosted) {
  if (hosted.before.has_value()) co_return Result<void>{};
  std::vector<FoundLog> others;
  for (FoundLog& copy : std::exchange(hosted.copies, {})) {
    // A folder that was renamed by hand says one name and holds another topic.
    const bool is_assigned = host.options.directories[copy.directory].id == hosted.assignment.directory &&
                             copy.topic == hosted.assignment.topic;
    if (is_assigned && !hosted.before.has_value()) {
      const auto adopted = co_await take_name_of_log(host, copy);
      if (!adopted.has_value()) co_return std::unexpected(adopted.error());
      if (*adopted == Adopted::yes) {
        hosted.before = std::move(copy);
        continue;
      }
    }
    others.push_back(std::move(copy));
  }
  for (FoundLog& copy : others) {
    if (host.health.has_failed(copy.directory)) continue;
    host.logger.warn("{} is the copy of a log whose move was cut short, and that log was not found: it is kept aside",
                     copy.path);
    auto renamed = co_await folders.retire(copy.path, copy.topic, copy.index, Retired::stray);
    static_cast<void>(renamed);
  }
  co_return Result<void>{};
}

io::Task<void> retire_copies(HostShared& host, LogFolders& folders, HostedPartition& hosted) {
  for (FoundLog& copy : std::exchange(hosted.copies, {})) {
    if (host.health.has_failed(copy.directory)) continue;
    host.logger.warn("{} is the copy of a log whose move was cut short: the log stays in {}, its copy is removed later",
                     copy.path, hosted.partition->identity().path);
    auto renamed = co_await folders.retire(copy.path, copy.topic, copy.index, Retired::deleted);
    if (renamed.has_value())
      folders.remove_later(std::move(*renamed), Duration::from_ms(hosted.settings.file_delete_delay_ms));
  }
}

}  // namespace highwater::engine
