// DescribeLogDirs (KIP-113): which logs lie where, and how large they are.
// v3 top-level error · v4 total and usable bytes (KIP-827) · v5 cordoned directories (KIP-1066)
#include <absl/container/flat_hash_set.h>

#include "engine/partition/partitions.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "server/handlers/cordoned.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using messages::DescribeLogDirsRequest;
using messages::DescribeLogDirsResponse;
using Directory = DescribeLogDirsResponse::DescribeLogDirsResult;
using WantedLogs = absl::flat_hash_set<std::pair<std::string_view, std::int32_t>>;

WantedLogs wanted_logs(const DescribeLogDirsRequest& request) {
  WantedLogs wanted;
  if (!request.topics) return wanted;
  for (const auto& topic : *request.topics)
    for (const std::int32_t index : topic.partitions) wanted.insert({topic.topic.view(), index});
  return wanted;
}

Directory describe(const engine::DirectoryDescription& from, const WantedLogs* wanted) {
  Directory directory;
  directory.error_code = api::wire_code(from.error);
  directory.log_dir = wire::Text(from.path);
  directory.total_bytes = from.total_bytes;
  directory.usable_bytes = from.usable_bytes;
  for (const engine::LogDescription& log : from.logs) {
    if (wanted != nullptr && !wanted->contains({log.topic, log.index})) continue;
    if (directory.topics.empty() || directory.topics.back().name != log.topic)
      directory.topics.push_back({wire::Text(log.topic), {}});
    directory.topics.back().partitions.push_back(
        {log.index, static_cast<std::int64_t>(log.size_bytes), log.lag, log.role == engine::LogRole::future});
  }
  return directory;
}

}  // namespace

io::Task<DescribeLogDirsResponse> describe_log_dirs(const DescribeLogDirsRequest& request, RequestContext& context) {
  DescribeLogDirsResponse response;
  if (!context.allows(Operation::describe, Resource::cluster, cluster_resource)) {
    response.error_code = api::wire_code(api::ErrorCode::cluster_authorization_failed);
    co_return response;
  }
  const auto directories = co_await context.doors.partitions->describe_directories();
  const WantedLogs wanted = wanted_logs(request);
  const CordonedDirectories cordoned(*context.doors.settings, *context.image);
  for (const engine::DirectoryDescription& directory : directories) {
    Directory& described = response.results.emplace_back(describe(directory, request.topics ? &wanted : nullptr));
    described.is_cordoned = described.error_code == 0 && cordoned.contains(directory.path);
  }
  co_return response;
}

}  // namespace highwater::server
