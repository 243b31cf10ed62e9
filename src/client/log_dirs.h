// Calls about the log directories of the node that answers (KIP-113), each tried once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/cluster.h"

namespace highwater::client {

struct LogMove {
  std::string topic;
  std::int32_t partition = 0;
  std::string directory;
};
// What the node says of each, in their order. A partition may be named once.
io::Task<ClientResult<std::vector<api::ErrorCode>>> move_logs(Cluster& cluster, std::vector<LogMove> moves);

enum class LogPlace : std::uint8_t { current, future };  // where it is, or where it is copied to

struct DescribedLog {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t size_bytes = 0;
  std::int64_t lag = 0;
  LogPlace place = LogPlace::current;
};

struct DescribedDirectory {
  std::string path;
  api::ErrorCode code = api::ErrorCode::none;
  std::vector<DescribedLog> logs;
};
// All logs of all directories.
io::Task<ClientResult<std::vector<DescribedDirectory>>> describe_log_dirs(Cluster& cluster);

}  // namespace highwater::client
