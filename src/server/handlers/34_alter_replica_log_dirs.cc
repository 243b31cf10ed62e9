// AlterReplicaLogDirs (KIP-113): logs move to another directory of this node. v2 flexible
#include <map>

#include "engine/partition/partitions.h"
#include "engine/storage/file_names.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "server/handlers/cordoned.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::AlterReplicaLogDirsRequest;
using messages::AlterReplicaLogDirsResponse;

// What becomes of one partition of one topic. Of one that is named twice Kafka takes the last.
struct Move {
  std::string_view path;
  ErrorCode error = ErrorCode::none;
};
using Moves = std::map<std::string_view, std::map<std::int32_t, Move>>;

ErrorCode check(std::string_view topic, std::int32_t index, std::string_view path, const CordonedDirectories& cordoned,
                const RequestContext& context) {
  const std::string future = engine::future_directory_name(topic, index, Uuid{});
  if (future.size() > engine::directory_name_max) return ErrorCode::invalid_topic_exception;
  const auto directory = context.doors.partitions->find_directory(path);
  if (!directory) return ErrorCode::log_dir_not_found;
  if (context.doors.partitions->directory_failed(*directory)) return ErrorCode::kafka_storage_error;
  if (cordoned.contains(path)) return ErrorCode::invalid_replica_assignment;
  const metadata::TopicImage* image = context.image->find_topic(topic);
  const bool exists = image != nullptr && image->find_partition(index) != nullptr;
  return exists ? ErrorCode::none : ErrorCode::unknown_topic_or_partition;
}

Moves wanted_moves(const AlterReplicaLogDirsRequest& request) {
  Moves moves;
  for (const auto& directory : request.dirs)
    for (const auto& topic : directory.topics)
      for (const std::int32_t index : topic.partitions) moves[topic.name.view()][index].path = directory.path.view();
  return moves;
}

}  // namespace

io::Task<AlterReplicaLogDirsResponse> alter_replica_log_dirs(const AlterReplicaLogDirsRequest& request,
                                                             RequestContext& context) {
  const bool allowed = context.allows(Operation::alter, Resource::cluster, cluster_resource);
  const CordonedDirectories cordoned(*context.doors.settings, *context.image);
  Moves moves = wanted_moves(request);
  std::vector<engine::MoveQuery> queries;
  std::vector<Move*> asked;
  for (auto& [topic, partitions] : moves) {
    for (auto& [index, move] : partitions) {
      move.error =
          allowed ? check(topic, index, move.path, cordoned, context) : ErrorCode::cluster_authorization_failed;
      if (move.error != ErrorCode::none) continue;
      queries.push_back(
          {{context.image->find_topic(topic)->id, index}, *context.doors.partitions->find_directory(move.path)});
      asked.push_back(&move);
    }
  }
  const auto answers = co_await context.doors.partitions->move_logs(std::move(queries));
  for (std::size_t i = 0; i < answers.size(); ++i) asked[i]->error = answers[i];

  AlterReplicaLogDirsResponse response;
  for (const auto& [topic, partitions] : moves) {
    AlterReplicaLogDirsResponse::AlterReplicaLogDirTopicResult result;
    result.topic_name = wire::Text::borrow(topic);  // lies in the frame, which the context holds
    for (const auto& [index, move] : partitions) result.partitions.push_back({index, api::wire_code(move.error)});
    response.results.push_back(std::move(result));
  }
  co_return response;
}

}  // namespace highwater::server
