#include "engine/partition/host_inquiries.h"

#include <algorithm>
#include <utility>

#include "foundation/base/planted.h"

namespace highwater::engine {

Inquiries::Inquiries(HostShared& host) : host_(host), tasks_(host.reactor.ready()) {}

void Inquiries::find_offsets(std::vector<OffsetQuery> queries, Isolation isolation,
                             Reply<std::vector<OffsetAnswer>> reply) {
  tasks_.spawn(find_all(std::move(queries), isolation, std::move(reply)));
}

io::Task<void> Inquiries::find_all(std::vector<OffsetQuery> queries, Isolation isolation,
                                   Reply<std::vector<OffsetAnswer>> reply) {
  std::vector<OffsetAnswer> answers(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto serving = host_.hosted.serving(queries[i].partition);
    if (!serving.has_value()) {
      answers[i].error = serving.error();
      continue;
    }
    HostedPartition& hosted = **serving;
    hosted.users.begin();
    answers[i] = co_await hosted.partition->find_offset(queries[i], isolation);
    hosted.users.end();
  }
  reply.complete(std::move(answers));
}

void Inquiries::delete_records(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply) {
  tasks_.spawn(delete_all(std::move(queries), std::move(reply)));
}

// The new starts are durable before anybody sees them (rule W7); Kafka may forget them in a crash. Files that lie below
// go with the next retention check, as in Kafka.
io::Task<void> Inquiries::delete_all(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply) {
  std::vector<DeleteAnswer> answers(queries.size());
  std::vector<HostedPartition*> touched(queries.size(), nullptr);
  std::vector<Offset> starts(queries.size(), no_offset);
  std::vector<LogPosition> moved;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto serving = host_.hosted.serving(queries[i].partition);
    if (!serving.has_value()) {
      answers[i].error = serving.error();
      continue;
    }
    HostedPartition& hosted = **serving;
    const auto start = hosted.partition->start_without(queries[i].before);
    answers[i].error = start.has_value() ? ErrorCode::none : start.error();
    if (!start.has_value()) continue;
    hosted.users.begin();  // so that the name is not given to another topic meanwhile
    touched[i] = &hosted;
    starts[i] = *start;
    moved.push_back(position_of(*hosted.partition));
    moved.back().log_start = *start;
  }
  Result<void> noted;
  if (!moved.empty() && !HW_PLANTED("log_start_not_kept"))
    noted = co_await host_.directories.raise_log_starts(std::move(moved));
  if (!noted.has_value()) host_.logger.error("The starts of logs cannot be written down: {}", noted.error().text);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (touched[i] == nullptr) continue;
    Partition& partition = *touched[i]->partition;
    answers[i].error = noted.has_value() ? partition.move_start(starts[i]) : ErrorCode::kafka_storage_error;
    if (answers[i].error == ErrorCode::none) answers[i].log_start = partition.store().start();
    touched[i]->users.end();
  }
  reply.complete(std::move(answers));
}

void Inquiries::find_epoch_ends(std::vector<EpochQuery> queries, Reply<std::vector<EpochAnswer>> reply) {
  std::vector<EpochAnswer> answers(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto serving = host_.hosted.serving(queries[i].partition);
    if (serving.has_value()) {
      answers[i] = (*serving)->partition->find_epoch_end(queries[i]);
    } else {
      answers[i].error = serving.error();
    }
  }
  reply.complete(std::move(answers));
}

void Inquiries::describe_producers(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply) {
  tasks_.spawn(describe_all(std::move(queries), std::move(reply)));
}

io::Task<void> Inquiries::describe_all(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply) {
  std::vector<ProducersAnswer> answers(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto serving = host_.hosted.serving(queries[i].partition);
    if (!serving.has_value()) {
      answers[i].error = serving.error();
      continue;
    }
    HostedPartition& hosted = **serving;
    hosted.users.begin();
    while (hosted.partition->add_producers(answers[i])) co_await host_.reactor.sleep_until(host_.reactor.now());
    hosted.users.end();
  }
  reply.complete(std::move(answers));
}

std::vector<LogDescription> Inquiries::describe_logs() const {
  std::vector<LogDescription> logs;
  for (const auto& [id, hosted] : host_.hosted.all()) {
    if (!hosted.has_open_log() || !hosted.partition->online()) continue;
    const Partition& partition = *hosted.partition;
    LogDescription log;
    log.directory = partition.identity().directory;
    log.topic = partition.identity().topic;
    log.index = id.index;
    log.size_bytes = partition.store().size_bytes();
    log.lag = std::max<Offset>(partition.high_watermark() - partition.store().end(), 0);
    if (hosted.future.has_value()) {
      LogDescription copy = log;
      copy.directory = hosted.future->directory;
      copy.size_bytes = hosted.future->copied_bytes;
      copy.lag = partition.store().end() - hosted.future->copied_end;
      copy.role = LogRole::future;
      logs.push_back(std::move(copy));
    }
    logs.push_back(std::move(log));
  }
  return logs;
}

}  // namespace highwater::engine
