#include "engine/partition/partition_host.h"

#include <set>
#include <string_view>
#include <utility>

#include "engine/partition/appends.h"
#include "engine/partition/closing.h"
#include "engine/partition/host_inquiries.h"
#include "engine/partition/host_shared.h"
#include "engine/partition/log_folders.h"
#include "engine/partition/moves.h"
#include "engine/partition/openings.h"
#include "engine/partition/reads.h"
#include "engine/partition/removals.h"
#include "engine/partition/upkeep.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

HostShared::HostShared(PartitionHost::Deps deps, HostOptions host_options)
    : reactor(deps.cores.reactor(deps.self)),
      logger(std::move(deps.logger)),
      options(std::move(host_options)),
      directories(deps.cores, deps.self, deps.directories),
      health(options.directories, logger),
      store(reactor.files(), options.open_files, options.tail_bytes, options.index_bytes),
      deadlines(reactor) {
  store.producer_expiration_ms = options.producer_expiration_ms;
}

// Its parts; each outlives those below it, which may call it.
struct PartitionHost::Parts final : PartitionEvents, Removals::Listener {
  Parts(Deps deps, HostOptions options) : shared(std::move(deps), std::move(options)) {}

  void on_news(Partition& partition) override { reads.on_news(partition); }
  void on_offline(Partition& partition, const std::string& reason) override {
    shared.health.note_offline(partition.identity().directory, reason);
  }
  void on_wanted_again(Assignment assignment, configs::TopicSettings settings) override {
    assign(std::move(assignment), settings);
  }
  void assign(Assignment assignment, configs::TopicSettings settings);
  // Of what was found, those that no partition was assigned to, without those whose name a newer topic has.
  std::vector<const FoundLog*> unasked() const;

  HostShared shared;
  LogFolders folders{shared};
  Appends appends{shared};
  Reads reads{shared};
  Removals removals{shared, folders, reads, *this};
  Openings openings{shared, {folders, reads, removals}, {appends, *this}};
  Moves moves{shared, {folders, reads, openings}};
  Inquiries inquiries{shared};
  Upkeep upkeep{shared};
  Closing closing{shared};
  io::TaskGroup tasks{shared.reactor.ready()};
};

std::vector<const FoundLog*> PartitionHost::Parts::unasked() const {
  if (shared.found.empty()) return {};
  std::set<std::string_view> taken;
  for (const auto& [id, hosted] : shared.hosted.all())
    if (hosted.partition != nullptr) taken.insert(hosted.partition->identity().path);
  return shared.found.without(taken);
}

PartitionHost::PartitionHost(Deps deps, HostOptions options)
    : parts_(std::make_unique<Parts>(std::move(deps), std::move(options))) {}
PartitionHost::~PartitionHost() = default;

// -- how partitions come, change and go -------------------------------------------------------------------------------

void PartitionHost::found(FoundLog log) { parts_->shared.found.add(std::move(log)); }

void PartitionHost::retire_strays() { parts_->folders.retire_strays(); }

void PartitionHost::assign(Assignment assignment, configs::TopicSettings settings) {
  parts_->assign(std::move(assignment), settings);
}

void PartitionHost::Parts::assign(Assignment assignment, configs::TopicSettings settings) {
  HostedPartitions& all = shared.hosted;
  if (all.is_stopping()) return;
  const bool is_new = all.find(assignment.partition) == nullptr;
  HostedPartition& hosted = all.add(assignment.partition);
  hosted.assignment = std::move(assignment);
  hosted.settings = settings;
  if (is_new) return openings.begin(hosted);
  hosted.is_wanted_again = hosted.is_going();
  if (hosted.is_opening() || hosted.is_going()) return;  // looked at again when that is done
  hosted.partition->configure(settings);
  hosted.partition->assign(hosted.assignment);
}

void PartitionHost::configure(const Uuid& topic, const configs::TopicSettings& settings) {
  if (HW_PLANTED("setting_without_effect")) return;
  HostedPartitions::Map& all = parts_->shared.hosted.all();
  for (auto at = all.lower_bound({topic, 0}); at != all.end() && at->first.topic_id == topic; ++at) {
    HostedPartition& hosted = at->second;
    hosted.settings = settings;
    if (!hosted.is_opening() && !hosted.is_going()) hosted.partition->configure(settings);
  }
}

void PartitionHost::remove(const TopicPartition& partition) { parts_->removals.remove(partition); }

io::Future<io::Done> PartitionHost::settled() { return parts_->shared.operations.ended(parts_->shared.reactor); }

namespace {

io::Task<void> reply_when(io::Future<io::Done> done, Reply<io::Done> reply) {
  co_await std::move(done);
  reply.complete({});
}

}  // namespace

void PartitionHost::when_settled(Reply<io::Done> reply) {
  parts_->tasks.spawn(reply_when(settled(), std::move(reply)));
}

io::Task<void> PartitionHost::stop() {
  HostShared& shared = parts_->shared;
  co_await shared.operations.none(shared.reactor);
  shared.hosted.stop_serving();
  parts_->reads.end_all();
  parts_->closing.close_all();
  co_await shared.operations.none(shared.reactor);
  co_await parts_->folders.remove_leaving();
  // What was found and never asked for stays as it is.
  for (const FoundLog* log : parts_->unasked())
    if (log->shutdown == Shutdown::unclean) shared.health.note_unclean(log->directory);
}

// -- what is told of them ---------------------------------------------------------------------------------------------

std::vector<LogPosition> PartitionHost::positions() const {
  std::vector<LogPosition> positions = parts_->shared.hosted.positions();
  for (const FoundLog* log : parts_->unasked()) positions.push_back(position_of(*log));
  return positions;
}

bool PartitionHost::clean(std::size_t directory) const { return parts_->shared.health.is_clean(directory); }

std::vector<PartitionHost::Offline> PartitionHost::take_offline() { return parts_->shared.health.take_offline(); }

std::vector<PartitionHost::Misplaced> PartitionHost::take_misplaced() { return parts_->openings.take_misplaced(); }

void PartitionHost::fail_directory(std::size_t number, const std::string& reason) {
  if (!parts_->shared.health.fail(number)) return;
  for (auto& [id, hosted] : parts_->shared.hosted.all())
    if (hosted.partition != nullptr && hosted.partition->identity().directory == number) hosted.partition->fail(reason);
}

bool PartitionHost::directory_failed(std::size_t number) const { return parts_->shared.health.has_failed(number); }

const std::vector<Directories::Directory>& PartitionHost::directories() const {
  return parts_->shared.options.directories;
}

const HostCounters& PartitionHost::counters() const { return parts_->shared.counters; }

Partition* PartitionHost::find(const TopicPartition& partition) {
  HostedPartition* hosted = parts_->shared.hosted.find(partition);
  return hosted == nullptr ? nullptr : hosted->partition.get();
}

// -- what is asked of them --------------------------------------------------------------------------------------------

void PartitionHost::append(std::vector<AppendPart> parts, AppendOptions options,
                           Reply<std::vector<AppendOutcome>> reply) {
  parts_->appends.append(std::move(parts), options, std::move(reply));
}

bool PartitionHost::append_here(AppendCall& call) { return parts_->appends.append_here(call); }

void PartitionHost::read(std::vector<ReadPart> parts, ReadOptions options, std::uint64_t watch,
                         Reply<std::vector<ReadOutcome>> reply) {
  parts_->reads.read(std::move(parts), options, watch, std::move(reply));
}

void PartitionHost::cancel_read(std::uint64_t watch) { parts_->reads.cancel(watch); }

void PartitionHost::find_offsets(std::vector<OffsetQuery> queries, Isolation isolation,
                                 Reply<std::vector<OffsetAnswer>> reply) {
  parts_->inquiries.find_offsets(std::move(queries), isolation, std::move(reply));
}

void PartitionHost::delete_records(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply) {
  parts_->inquiries.delete_records(std::move(queries), std::move(reply));
}

void PartitionHost::find_epoch_ends(std::vector<EpochQuery> queries, Reply<std::vector<EpochAnswer>> reply) {
  parts_->inquiries.find_epoch_ends(std::move(queries), std::move(reply));
}

void PartitionHost::describe_producers(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply) {
  parts_->inquiries.describe_producers(std::move(queries), std::move(reply));
}

std::vector<LogDescription> PartitionHost::describe_logs() const { return parts_->inquiries.describe_logs(); }

void PartitionHost::move_logs(std::vector<MoveQuery> queries, Reply<std::vector<ErrorCode>> reply) {
  std::vector<ErrorCode> answers;
  answers.reserve(queries.size());
  for (const MoveQuery& query : queries) answers.push_back(parts_->moves.begin(query));
  reply.complete(std::move(answers));
}

}  // namespace highwater::engine
