#include "client/log_dirs.h"

#include <map>
#include <utility>

#include "link/call.h"
#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"

namespace highwater::client {

namespace {

messages::AlterReplicaLogDirsRequest request_of(const std::vector<LogMove>& moves) {
  messages::AlterReplicaLogDirsRequest request;
  std::map<std::string, std::map<std::string, std::vector<std::int32_t>>> by_directory;
  for (const LogMove& move : moves) by_directory[move.directory][move.topic].push_back(move.partition);
  for (const auto& [path, topics] : by_directory) {
    messages::AlterReplicaLogDirsRequest::AlterReplicaLogDir directory;
    directory.path = wire::Text(path);
    for (const auto& [topic, partitions] : topics) directory.topics.push_back({wire::Text(topic), partitions});
    request.dirs.push_back(std::move(directory));
  }
  return request;
}

}  // namespace

io::Task<ClientResult<std::vector<api::ErrorCode>>> move_logs(Cluster& cluster, std::vector<LogMove> moves) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::AlterReplicaLogDirsRequest request = request_of(moves);
  const link::CallOptions options;
  auto answer = co_await link::call<messages::AlterReplicaLogDirsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  std::map<std::pair<std::string, std::int32_t>, api::ErrorCode> told;
  for (const auto& topic : answer->value.results)
    for (const auto& [index, error] : topic.partitions)
      told[std::pair{topic.topic_name.str(), index}] = api::error_from_wire(error);
  std::vector<api::ErrorCode> codes;
  for (const LogMove& move : moves) {
    const auto found = told.find(std::pair{move.topic, move.partition});
    if (found == told.end()) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
    codes.push_back(found->second);
  }
  co_return ClientResult<std::vector<api::ErrorCode>>(std::move(codes));
}

io::Task<ClientResult<std::vector<DescribedDirectory>>> describe_log_dirs(Cluster& cluster) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::DescribeLogDirsRequest request;
  request.topics.reset();
  const link::CallOptions options;
  auto answer = co_await link::call<messages::DescribeLogDirsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  const api::ErrorCode error = api::error_from_wire(answer->value.error_code);
  if (error != api::ErrorCode::none) co_return std::unexpected(ClientError::of(error));
  std::vector<DescribedDirectory> directories;
  for (const auto& result : answer->value.results) {
    DescribedDirectory directory{.path = result.log_dir.str(), .code = api::error_from_wire(result.error_code)};
    for (const auto& topic : result.topics)
      for (const auto& log : topic.partitions)
        directory.logs.push_back({topic.name.str(), log.partition_index, log.partition_size, log.offset_lag,
                                  log.is_future_key ? LogPlace::future : LogPlace::current});
    directories.push_back(std::move(directory));
  }
  co_return ClientResult<std::vector<DescribedDirectory>>(std::move(directories));
}

}  // namespace highwater::client
