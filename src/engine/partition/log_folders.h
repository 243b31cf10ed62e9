// The folder of a log is the directory <topic>-<index> within a log directory. This makes them, in turn with other
// topics of the same name, sets them aside and removes them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "engine/partition/host_shared.h"
#include "engine/storage/file_names.h"

namespace highwater::engine {

class LogFolders {
 public:
  explicit LogFolders(HostShared& host);

  // `in_part`: it is this partition's, and may have nothing in it. `none`: there is none, or one of another topic.
  enum class Made : std::uint8_t { whole, in_part, none };
  // The folder of a new log; when it could not be made it says why, unless its partition is being removed.
  io::Task<Made> make(Partition::Identity identity);
  // Before a log takes a name: what the checkpoints say of an older one of that name goes.
  io::Task<bool> forget_older(Directories::LogName name);

  // The new path, or nothing, and said why, when it could not be renamed.
  io::Task<std::optional<std::string>> retire(std::string path, std::string topic, std::int32_t index, Retired as);
  void retire_strays();

  // Whatever is there, a folder or a part of one.
  io::Task<void> remove(std::string path);
  // When that time has passed, or at the stop.
  void remove_later(std::string path, Duration delay);
  // All that wait for their time. They hold logs that nobody closed: Kafka would recover them at its start, after a
  // clean stop.
  io::Task<void> remove_leaving();

 private:
  io::Task<bool> wait_for_path(std::string folder, TopicPartition id);
  io::Task<bool> set_stray_aside(std::string folder);
  io::Task<bool> create(std::string folder, Uuid topic_id);
  io::Task<void> retire_stray(FoundLog log);
  io::Task<void> remove_after(std::string path, Duration delay);

  HostShared& host_;
  std::set<std::string> leaving_;  // folders of removed logs that wait for their delay
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
