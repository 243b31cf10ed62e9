// What administrators ask of the partitions of one core, and the removal of what they deleted.
// Kafka: ReplicaManager.deleteRecords, lastOffsetForLeaderEpoch, activeProducerState, describeLogDirs.
#include <utility>

#include "engine/partition/host_body.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

void PartitionHost::delete_records(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply) {
  body_->tasks.spawn(body_->delete_all(std::move(queries), std::move(reply)));
}

// The new starts are durable before anybody sees them (rule W7); Kafka may forget them in a crash. Files that lie below
// go with the next retention check, as in Kafka.
io::Task<void> PartitionHost::Body::delete_all(std::vector<DeleteQuery> queries,
                                               Reply<std::vector<DeleteAnswer>> reply) {
  std::vector<DeleteAnswer> answers(queries.size());
  std::vector<Entry*> touched(queries.size(), nullptr);
  std::vector<Offset> starts(queries.size(), no_offset);
  std::vector<LogPosition> moved;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    Entry* entry = online_entry(queries[i].partition);
    const Result<Offset, ErrorCode> start = entry == nullptr ? std::unexpected(missing(queries[i].partition))
                                                             : entry->partition->start_without(queries[i].before);
    answers[i].error = start.has_value() ? ErrorCode::none : start.error();
    if (!start.has_value()) continue;
    ++entry->users;  // so that the name is not given to another topic meanwhile
    touched[i] = entry;
    starts[i] = *start;
    moved.push_back(position_of(*entry->partition));
    moved.back().log_start = *start;
  }
  Result<void> noted;
  if (!moved.empty() && !HW_PLANTED("log_start_not_kept")) noted = co_await note_log_starts(std::move(moved));
  if (!noted.has_value()) logger.error("The starts of logs cannot be written down: {}", noted.error().text);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (touched[i] == nullptr) continue;
    Partition& partition = *touched[i]->partition;
    answers[i].error = noted.has_value() ? partition.move_start(starts[i]) : ErrorCode::kafka_storage_error;
    if (answers[i].error == ErrorCode::none) answers[i].log_start = partition.store().start();
    leave(*touched[i]);
  }
  reply.complete(std::move(answers));
}

io::Task<Result<void>> PartitionHost::Body::note_log_starts(std::vector<LogPosition> logs) {
  auto asked = cores.call<Result<void>>(
      self, 0, [&where = directories, logs = std::move(logs)](Reply<Result<void>> reply) mutable {
        where.raise_log_starts(std::move(logs), std::move(reply));
      });
  auto noted = co_await std::move(asked);
  co_return noted;
}

// UnifiedLog.deleteLogStartOffsetBreachedSegments, run by LogManager.cleanupLogs.
io::Task<void> PartitionHost::Body::remove_deleted_segments() {
  Instant next = reactor.now() + options.initial_task_delay;
  for (;;) {
    co_await reactor.sleep_until(next);
    std::vector<TopicPartition> due;
    for (const auto& [id, entry] : entries) {
      const bool is_open = !entry.opening && !entry.removing && entry.partition != nullptr && entry.partition->online();
      if (is_open && entry.partition->store().has_segments_below_start()) due.push_back(id);
    }
    if (!due.empty()) co_await remove_below_starts(std::move(due));
    next = reactor.now() + options.retention_check_interval;
  }
}

// Only behind a start that is durable.
io::Task<void> PartitionHost::Body::remove_below_starts(std::vector<TopicPartition> ids) {
  std::vector<LogPosition> starts;
  for (const TopicPartition& id : ids)
    if (const Entry* entry = online_entry(id); entry != nullptr) starts.push_back(position_of(*entry->partition));
  const auto noted = co_await note_log_starts(std::move(starts));
  if (!noted.has_value()) co_return;
  for (const TopicPartition& id : ids) {
    Entry* entry = online_entry(id);
    if (entry == nullptr) continue;
    ++entry->users;
    co_await entry->partition->store().remove_below_start();
    leave(*entry);
  }
}

void PartitionHost::find_epoch_ends(std::vector<EpochQuery> queries, Reply<std::vector<EpochAnswer>> reply) {
  std::vector<EpochAnswer> answers(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const Body::Entry* entry = body_->online_entry(queries[i].partition);
    if (entry == nullptr) {
      answers[i].error = body_->missing(queries[i].partition);
    } else {
      answers[i] = entry->partition->find_epoch_end(queries[i]);
    }
  }
  reply.complete(std::move(answers));
}

void PartitionHost::describe_producers(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply) {
  body_->tasks.spawn(body_->describe_all_producers(std::move(queries), std::move(reply)));
}

io::Task<void> PartitionHost::Body::describe_all_producers(std::vector<ProducersQuery> queries,
                                                           Reply<std::vector<ProducersAnswer>> reply) {
  std::vector<ProducersAnswer> answers(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    Entry* entry = online_entry(queries[i].partition);
    if (entry == nullptr) {
      answers[i].error = missing(queries[i].partition);
      continue;
    }
    ++entry->users;
    while (entry->partition->add_producers(answers[i])) co_await reactor.sleep_until(reactor.now());
    leave(*entry);
  }
  reply.complete(std::move(answers));
}

std::vector<LogDescription> PartitionHost::describe_logs() const { return body_->describe_logs(); }

std::vector<LogDescription> PartitionHost::Body::describe_logs() const {
  std::vector<LogDescription> logs;
  for (const auto& [id, entry] : entries) {
    if (entry.removing || !entry.opened || !entry.partition->online()) continue;
    const Partition& partition = *entry.partition;
    LogDescription log;
    log.directory = partition.identity().directory;
    log.topic = partition.identity().topic;
    log.index = id.index;
    log.size_bytes = partition.store().size_bytes();
    log.lag = std::max<Offset>(partition.high_watermark() - partition.store().end(), 0);
    if (entry.move.has_value()) {
      LogDescription copy = log;
      copy.directory = entry.move->to;
      copy.size_bytes = entry.move->copied_bytes;
      copy.lag = partition.store().end() - entry.move->copied_end;
      copy.role = LogRole::future;
      logs.push_back(std::move(copy));
    }
    logs.push_back(std::move(log));
  }
  return logs;
}

}  // namespace highwater::engine
