#include "node/directory_watch.h"

#include "protocol/api/error_code.h"
#include "protocol/messages/assign_replicas_to_dirs_request.h"
#include "protocol/messages/assign_replicas_to_dirs_response.h"

namespace highwater::node {
namespace {

using api::ErrorCode;
using messages::AssignReplicasToDirsRequest;
using messages::AssignReplicasToDirsResponse;

constexpr Duration look_interval = Duration::from_seconds(1);
// Of one request (AssignmentsManager.MAX_ASSIGNMENTS_PER_REQUEST).
constexpr std::size_t told_at_once_max = 2250;

}  // namespace

io::Task<void> DirectoryWatch::run() {
  io::Reactor& reactor = deps_.cores.reactor(0);
  while (any_online()) {
    co_await reactor.sleep_until(reactor.now() + look_interval);
    News found = co_await news();
    for (const auto& one : found.offline) take_away(one.directory, one.reason);
    for (const auto& one : found.misplaced) untold_[one.partition] = one.directory;
    if (!untold_.empty()) co_await tell_misplaced();
  }
}

io::Task<DirectoryWatch::News> DirectoryWatch::news() {
  News all;
  for (engine::CoreIndex core = 0; core < deps_.cores.count(); ++core) {
    engine::PartitionHost* host = deps_.hosts[core];
    auto asked = deps_.cores.call<News>(
        0, core, [host](engine::Reply<News> reply) { reply.complete({host->take_offline(), host->take_misplaced()}); });
    News some = co_await std::move(asked);
    for (auto& one : some.offline) all.offline.push_back(std::move(one));
    for (const auto& one : some.misplaced) all.misplaced.push_back(one);
  }
  co_return all;
}

// All of its logs, also those that were not in doubt: what fails once is not to be trusted
// (LogManager.handleLogDirFailure).
void DirectoryWatch::take_away(std::size_t directory, const std::string& reason) {
  if (deps_.directories.is_offline(directory)) return;
  deps_.log.error("The log directory {} is offline until the next start: {}", deps_.directories.all()[directory].path,
                  reason);
  deps_.directories.set_offline(directory);
  for (engine::CoreIndex core = 0; core < deps_.cores.count(); ++core)
    deps_.cores.post(core, [host = deps_.hosts[core], directory, reason] { host->fail_directory(directory, reason); });
  tell_offline();
}

void DirectoryWatch::tell_offline() {
  std::vector<Uuid> offline;
  for (std::size_t i = 0; i < deps_.directories.all().size(); ++i)
    if (deps_.directories.is_offline(i)) offline.push_back(deps_.directories.all()[i].id);
  deps_.lifecycle.set_offline(std::move(offline));
}

// What is not accepted is told again with the next look, but for what nobody wants to know.
io::Task<void> DirectoryWatch::tell_misplaced() {
  AssignReplicasToDirsRequest request;
  request.broker_id = deps_.self;
  request.broker_epoch = deps_.lifecycle.epoch();
  std::map<std::size_t, std::map<Uuid, std::vector<std::int32_t>>> by_directory;
  std::map<TopicPartition, std::size_t> told;
  for (const auto& [partition, directory] : untold_) {
    if (told.size() == told_at_once_max) break;
    told.emplace(partition, directory);
    by_directory[directory][partition.topic_id].push_back(partition.index);
  }
  for (const auto& [number, topics] : by_directory) {
    auto& directory = request.directories.emplace_back();
    directory.id = deps_.directories.all()[number].id;
    for (const auto& [id, indexes] : topics) {
      auto& topic = directory.topics.emplace_back();
      topic.topic_id = id;
      for (const std::int32_t index : indexes) topic.partitions.push_back({index});
    }
  }
  engine::ControllerCaller caller;
  caller.request_bytes = told.size() * sizeof(TopicPartition);
  const auto answer = co_await deps_.controller.ask<AssignReplicasToDirsResponse>(request, std::move(caller));
  const ErrorCode error = api::error_from_wire(answer.error_code);
  const bool heard = error == ErrorCode::none || error == ErrorCode::unsupported_version;
  if (!heard) {
    deps_.log.warn("The controller did not take the directories of {} logs: {}", told.size(), api::error_name(error));
    co_return;
  }
  for (const auto& [partition, directory] : told) untold_.erase(partition);
}

bool DirectoryWatch::any_online() const {
  for (std::size_t i = 0; i < deps_.directories.all().size(); ++i)
    if (!deps_.directories.is_offline(i)) return true;
  return false;
}

}  // namespace highwater::node
