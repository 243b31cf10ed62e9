// The log directories of the node as one core sees them: which have failed, where something was not closed as it
// should, and what core 0 is to hear of that.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/partition/assignment.h"
#include "engine/partition/directories.h"
#include "engine/partition/partition_host.h"
#include "io/errors.h"

namespace highwater::engine {

class DirectoryHealth {
 public:
  // `directories` outlive it.
  DirectoryHealth(const std::vector<Directories::Directory>& directories, Logger logger);

  // Where a new log goes.
  std::size_t choose(const Assignment& assignment) const;

  // False when it had failed before.
  bool fail(std::size_t number);
  bool has_failed(std::size_t number) const { return failed_[number]; }
  void note_unclean(std::size_t number) { unclean_[number] = true; }
  // Everything there was closed, or will be.
  bool is_clean(std::size_t number) const { return !unclean_[number]; }

  // A log went offline. Who takes these decides what becomes of the directory.
  void note_offline(std::size_t number, std::string reason);
  // Logged; and a directory that does not do as told is not to be trusted. But want of space says nothing of what is
  // there.
  void note_failure(const char* doing, const std::string& path, io::IoError error);
  std::vector<PartitionHost::Offline> take_offline();

 private:
  const std::vector<Directories::Directory>& directories_;
  Logger logger_;
  std::vector<bool> failed_;
  std::vector<bool> unclean_;
  std::vector<PartitionHost::Offline> offline_;
};

}  // namespace highwater::engine
