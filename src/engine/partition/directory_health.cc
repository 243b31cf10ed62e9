#include "engine/partition/directory_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace highwater::engine {

DirectoryHealth::DirectoryHealth(const std::vector<Directories::Directory>& directories, Logger logger)
    : directories_(directories),
      logger_(std::move(logger)),
      failed_(directories.size()),
      unclean_(directories.size()) {}

std::size_t DirectoryHealth::choose(const Assignment& assignment) const {
  for (std::size_t i = 0; i < directories_.size(); ++i)
    if (directories_[i].id == assignment.directory) return i;
  std::vector<std::size_t> online;
  for (std::size_t i = 0; i < directories_.size(); ++i)
    if (!failed_[i]) online.push_back(i);
  if (online.empty()) return 0;
  return online[Cores::spread(assignment.partition, online.size())];
}

bool DirectoryHealth::fail(std::size_t number) {
  if (failed_[number]) return false;
  failed_[number] = true;
  unclean_[number] = true;
  return true;
}

void DirectoryHealth::note_offline(std::size_t number, std::string reason) {
  unclean_[number] = true;
  offline_.push_back({number, std::move(reason)});
}

void DirectoryHealth::note_failure(const char* doing, const std::string& path, io::IoError error) {
  logger_.error("{} {} failed: {}", doing, path, io::io_error_text(error));
  if (error == io::IoError::no_space || error == io::IoError::too_many_files) return;
  const std::string_view root = std::string_view(path).substr(0, path.rfind('/'));
  const auto directory = std::ranges::find(directories_, root, &Directories::Directory::path);
  if (directory == directories_.end()) return;
  note_offline(static_cast<std::size_t>(directory - directories_.begin()),
               fmt::format("{} {} failed: {}", doing, path, io::io_error_text(error)));
}

std::vector<PartitionHost::Offline> DirectoryHealth::take_offline() { return std::exchange(offline_, {}); }

}  // namespace highwater::engine
