#include "engine/partition/partition_host.h"

#include "engine/partition/host_body.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

PartitionHost::PartitionHost(Deps deps, HostOptions options)
    : body_(std::make_unique<Body>(std::move(deps), std::move(options))) {}
PartitionHost::~PartitionHost() = default;

void PartitionHost::found(FoundLog log) {
  if (!log.topic_id.has_value()) {
    body_->nameless.push_back(std::move(log));
    return;
  }
  const TopicPartition id{*log.topic_id, log.index};
  body_->found_logs.emplace(id, std::move(log));
}

void PartitionHost::retire_strays() { body_->retire_strays(); }

void PartitionHost::assign(Assignment assignment, configs::TopicSettings settings) {
  body_->assign(std::move(assignment), std::move(settings));
}

void PartitionHost::configure(const Uuid& topic, const configs::TopicSettings& settings) {
  for (auto& [id, entry] : body_->entries) {
    if (id.topic_id != topic || HW_PLANTED("setting_without_effect")) continue;
    entry.settings = settings;
    if (entry.partition != nullptr && !entry.opening) entry.partition->configure(settings);
  }
}

void PartitionHost::remove(const TopicPartition& partition) { body_->remove(partition); }

io::Future<io::Done> PartitionHost::settled() {
  if (body_->operations == 0) return io::Future<io::Done>::ready({});
  auto [promise, future] = body_->reactor.make_future<io::Done>();
  body_->settled_waiters.push_back(std::move(promise));
  return std::move(future);
}

namespace {

io::Task<void> reply_when(io::Future<io::Done> done, Reply<io::Done> reply) {
  co_await std::move(done);
  reply.complete({});
}

}  // namespace

void PartitionHost::when_settled(Reply<io::Done> reply) { body_->tasks.spawn(reply_when(settled(), std::move(reply))); }

io::Task<void> PartitionHost::stop() { co_await body_->stop(); }

std::vector<LogPosition> PartitionHost::positions() const { return body_->positions(); }
bool PartitionHost::clean(std::size_t directory) const { return !body_->unclean_directories[directory]; }
std::vector<PartitionHost::Offline> PartitionHost::take_offline() { return std::exchange(body_->offline, {}); }
std::vector<PartitionHost::Misplaced> PartitionHost::take_misplaced() { return std::exchange(body_->misplaced, {}); }
void PartitionHost::fail_directory(std::size_t number, const std::string& reason) {
  body_->fail_directory(number, reason);
}
bool PartitionHost::directory_failed(std::size_t number) const { return body_->failed_directories[number]; }
const std::vector<Directories::Place>& PartitionHost::directories() const { return body_->options.directories; }

const HostCounters& PartitionHost::counters() const { return body_->counters; }

Partition* PartitionHost::find(const TopicPartition& partition) {
  const auto found = body_->by_id.find(partition);
  return found == body_->by_id.end() ? nullptr : found->second->partition.get();
}

void PartitionHost::append(std::vector<AppendPart> parts, AppendOptions options,
                           Reply<std::vector<AppendOutcome>> reply) {
  body_->append(std::move(parts), options, std::move(reply));
}

bool PartitionHost::append_here(AppendCall& call) { return body_->append_here(call); }

void PartitionHost::read(std::vector<ReadPart> parts, ReadOptions options, std::uint64_t watch,
                         Reply<std::vector<ReadOutcome>> reply) {
  body_->read(std::move(parts), options, watch, std::move(reply));
}

void PartitionHost::cancel_read(std::uint64_t watch) { body_->cancel_read(watch); }

void PartitionHost::find_offsets(std::vector<OffsetQuery> queries, Isolation isolation,
                                 Reply<std::vector<OffsetAnswer>> reply) {
  body_->find_offsets(std::move(queries), isolation, std::move(reply));
}

}  // namespace highwater::engine
