// How partitions come, change and go.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "engine/partition/host_body.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

PartitionHost::Body::Body(Deps deps, HostOptions host_options)
    : cores(deps.cores),
      self(deps.self),
      reactor(deps.cores.reactor(deps.self)),
      logger(std::move(deps.logger)),
      directories(deps.directories),
      options(std::move(host_options)),
      shared(reactor.files(), options.open_files, options.tail_bytes, options.index_bytes),
      deadlines(reactor),
      tasks(reactor.ready()) {
  failed_directories.resize(options.directories.size());
  unclean_directories.resize(options.directories.size());
  shared.producer_expiration_ms = options.producer_expiration_ms;
  tasks.spawn(expire_producers());
  tasks.spawn(remove_deleted_segments());
}

io::Task<void> PartitionHost::Body::expire_producers() {
  for (;;) {
    co_await reactor.sleep_until(reactor.now() + options.producer_check_interval);
    for (auto& [id, entry] : entries) {
      if (entry.opening || entry.partition == nullptr || !entry.partition->online()) continue;
      log::ProducerTable& producers = entry.partition->store().admission().mutable_producers();
      counters.producers_expired += producers.remove_expired(reactor.wall_now(), options.producer_expiration_ms);
    }
  }
}

PartitionHost::Body::Entry* PartitionHost::Body::online_entry(const TopicPartition& id) {
  const auto found = by_id.find(id);
  if (stopping || found == by_id.end() || found->second->opening || found->second->removing) return nullptr;
  return found->second;
}

ErrorCode PartitionHost::Body::missing(const TopicPartition& id) const {
  if (stopping) return ErrorCode::not_leader_or_follower;
  const auto found = by_id.find(id);
  // Clients ask again when the leader is not there yet; of an unknown partition they read the metadata anew.
  if (found != by_id.end() && found->second->opening) return ErrorCode::not_leader_or_follower;
  return ErrorCode::unknown_topic_or_partition;
}

void PartitionHost::Body::leave(Entry& entry) {
  if (--entry.users != 0) return;
  for (io::Promise<io::Done>& waiter : std::exchange(entry.unused_waiters, {})) waiter.complete({});
}

io::Task<void> PartitionHost::Body::unused(Entry& entry) {
  while (entry.users != 0) {
    auto [promise, future] = reactor.make_future<io::Done>();
    entry.unused_waiters.push_back(std::move(promise));
    co_await std::move(future);
  }
}

void PartitionHost::Body::operation_ended() {
  if (--operations != 0) return;
  for (io::Promise<io::Done>& waiter : std::exchange(settled_waiters, {})) waiter.complete({});
}

void PartitionHost::Body::assign(Assignment assignment, configs::TopicSettings settings) {
  if (stopping) return;
  const TopicPartition id = assignment.partition;
  Entry& entry = entries[id];
  by_id[id] = &entry;
  entry.assignment = std::move(assignment);
  entry.settings = settings;
  if (entry.opening || entry.removing) return;  // looked at again when that is done
  if (entry.partition != nullptr) {
    entry.partition->configure(settings);
    entry.partition->assign(entry.assignment);
    return;
  }
  start_opening(entry);
}

void PartitionHost::Body::remove(const TopicPartition& id) {
  const auto found = entries.find(id);
  if (found == entries.end() || found->second.removing) return;
  Entry& entry = found->second;
  entry.removing = true;
  if (entry.partition != nullptr) entry.partition->resign();
  if (entry.opening) return;
  ++operations;
  tasks.spawn(remove_partition(id));
}

io::Task<void> PartitionHost::Body::remove_partition(TopicPartition id) {
  Entry& entry = entries.at(id);
  co_await unused(entry);
  co_await entry.partition->store().abandon();
  const Partition::Identity identity = entry.partition->identity();
  const Duration delay = Duration::from_ms(entry.settings.file_delete_delay_ms);
  let_parked_go(*entry.partition);
  by_id.erase(id);
  std::unique_ptr<Partition> gone = std::move(entry.partition);
  entries.erase(id);
  gone.reset();
  auto renamed = co_await retire_directory(identity.path, identity.topic, id.index, Retired::deleted);
  if (renamed.has_value()) leaving.insert(*renamed);
  operation_ended();
  if (renamed.has_value()) co_await remove_directory_later(*renamed, delay);
}

io::Task<void> PartitionHost::Body::remove_directory_later(std::string path, Duration delay) {
  co_await reactor.sleep_until(reactor.now() + delay);
  if (leaving.erase(path) == 0) co_return;
  auto removed = co_await reactor.files().remove_tree(path);
  if (!removed.has_value()) logger.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
}

// Requests that wait for other partitions too may still name it.
void PartitionHost::Body::let_parked_go(Partition& partition) {
  for (const std::uint64_t call : std::vector<std::uint64_t>(partition.parked))
    if (const auto read = reads.find(call); read != reads.end() && !read->second->reading) serve(call, When::at_once);
  partition.parked.clear();
}

io::Task<void> PartitionHost::Body::settle() {
  while (operations != 0) {
    auto [promise, future] = reactor.make_future<io::Done>();
    settled_waiters.push_back(std::move(promise));
    co_await std::move(future);
  }
}

void PartitionHost::Body::fail_directory(std::size_t number, const std::string& reason) {
  if (failed_directories[number]) return;
  failed_directories[number] = true;
  unclean_directories[number] = true;
  for (auto& [id, entry] : entries)
    if (entry.partition != nullptr && entry.partition->identity().directory == number) entry.partition->fail(reason);
}

void PartitionHost::Body::on_offline(Partition& partition, const std::string& reason) {
  unclean_directories[partition.identity().directory] = true;
  offline.push_back({partition.identity().directory, reason});
}

LogPosition PartitionHost::Body::position_of(const Partition& partition) const {
  const LogStore& store = partition.store();
  LogPosition position;
  position.directory = partition.identity().directory;
  position.topic = partition.identity().topic;
  position.index = partition.identity().id.index;
  position.recovery_point = store.durable_end();
  position.high_watermark = partition.high_watermark();
  position.log_start = store.start();
  position.first_segment = store.first_segment_base();
  return position;
}

namespace {

// What the checkpoints said.
LogPosition untouched(const FoundLog& log) {
  LogPosition position;
  position.directory = log.directory;
  position.topic = log.topic;
  position.index = log.index;
  position.recovery_point = log.recovery_point;
  position.high_watermark = log.high_watermark.value_or(log.log_start);
  position.log_start = log.log_start;
  return position;
}

}  // namespace

// Without those whose name a newer topic has.
std::vector<const FoundLog*> PartitionHost::Body::unasked() const {
  std::vector<const FoundLog*> logs;
  for (const auto& [id, log] : found_logs) logs.push_back(&log);
  for (const FoundLog& log : nameless) logs.push_back(&log);
  if (logs.empty()) return logs;
  std::set<std::string_view> taken;
  for (const auto& [id, entry] : entries)
    if (entry.partition != nullptr) taken.insert(entry.partition->identity().path);
  std::erase_if(logs, [&taken](const FoundLog* log) { return taken.contains(log->path); });
  return logs;
}

// What is left out is forgotten: the checkpoints are written whole.
std::vector<LogPosition> PartitionHost::Body::positions() const {
  std::vector<LogPosition> all;
  for (const auto& [id, entry] : entries) {
    if (entry.removing) continue;
    if (entry.elsewhere.has_value()) all.push_back(*entry.elsewhere);
    if (entry.opened) {
      all.push_back(position_of(*entry.partition));
    } else if (entry.before.has_value()) {
      all.push_back(untouched(*entry.before));
    }
    for (const FoundLog& twin : entry.twins) all.push_back(untouched(twin));
  }
  for (const FoundLog* log : unasked()) all.push_back(untouched(*log));
  return all;
}

}  // namespace highwater::engine
