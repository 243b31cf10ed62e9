// The door to what administrators ask: each question goes to the cores that own its partitions.
#include <algorithm>
#include <utility>

#include "engine/partition/partition_host.h"
#include "engine/partition/partitions.h"
#include "engine/partition/shares.h"

namespace highwater::engine {

template <class Query, class Answer>
io::Task<std::vector<Answer>> Partitions::ask(std::vector<Query> queries, Inquiry<Query, Answer> inquiry) {
  using Answers = std::vector<Answer>;
  const std::vector<Share> shares = split(queries);
  Answers answers(queries.size());
  std::vector<io::Future<Answers>> calls;
  for (const Share& share : shares)
    calls.push_back(cores_.call<Answers>(
        self_, share.core,
        [host = hosts_[share.core], inquiry, part = pick(queries, share.parts)](Reply<Answers> reply) mutable {
          (host->*inquiry)(std::move(part), std::move(reply));
        }));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto done = co_await std::move(calls[i]);
    put_back(answers, std::move(done), shares[i].parts);
  }
  co_return answers;
}

io::Task<std::vector<DeleteAnswer>> Partitions::delete_records(std::vector<DeleteQuery> queries) {
  return ask(std::move(queries), &PartitionHost::delete_records);
}

io::Task<std::vector<EpochAnswer>> Partitions::find_epoch_ends(std::vector<EpochQuery> queries) {
  return ask(std::move(queries), &PartitionHost::find_epoch_ends);
}

io::Task<std::vector<ProducersAnswer>> Partitions::describe_producers(std::vector<ProducersQuery> queries) {
  return ask(std::move(queries), &PartitionHost::describe_producers);
}

io::Task<std::vector<ErrorCode>> Partitions::move_logs(std::vector<MoveQuery> queries) {
  return ask(std::move(queries), &PartitionHost::move_logs);
}

std::optional<std::size_t> Partitions::find_directory(std::string_view path) const {
  const std::vector<Directories::Directory>& directories = hosts_[self_]->directories();
  const auto found = std::ranges::find(directories, path, &Directories::Directory::path);
  if (found == directories.end()) return std::nullopt;
  return static_cast<std::size_t>(found - directories.begin());
}

bool Partitions::directory_failed(std::size_t number) const { return hosts_[self_]->directory_failed(number); }

io::Task<std::vector<DirectoryDescription>> Partitions::describe_directories() {
  using Logs = std::vector<LogDescription>;
  const std::vector<Directories::Directory>& directories = hosts_[self_]->directories();
  std::vector<DirectoryDescription> all(directories.size());
  io::FileSystem& files = cores_.reactor(self_).files();
  for (std::size_t i = 0; i < directories.size(); ++i) {
    all[i].path = directories[i].path;
    if (hosts_[self_]->directory_failed(i)) {
      all[i].error = ErrorCode::kafka_storage_error;
      continue;
    }
    auto space = co_await files.space(directories[i].path);
    if (!space.has_value()) {
      all[i].error = ErrorCode::kafka_storage_error;
      continue;
    }
    all[i].total_bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(space->total_bytes, INT64_MAX));
    all[i].usable_bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(space->usable_bytes, INT64_MAX));
  }
  for (CoreIndex core = 0; core < cores_.count(); ++core) {
    auto asked = cores_.call<Logs>(self_, core,
                                   [host = hosts_[core]](Reply<Logs> reply) { reply.complete(host->describe_logs()); });
    Logs logs = co_await std::move(asked);
    for (LogDescription& log : logs) all[log.directory].logs.push_back(std::move(log));
  }
  for (DirectoryDescription& one : all) {
    if (one.error != ErrorCode::none) one.logs.clear();
    std::ranges::sort(one.logs, {}, [](const LogDescription& log) { return std::tie(log.topic, log.index, log.role); });
  }
  co_return all;
}

}  // namespace highwater::engine
