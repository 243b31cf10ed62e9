// The one door to every partition of this node, one door per core: whoever stands on that core asks here, and the
// request goes to the cores that own its partitions and comes back as one answer. Outcome i belongs to part i.
// A call may be given up by dropping its future; what was appended stays appended.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/partition/append_calls.h"
#include "engine/partition/inquiries.h"
#include "engine/partition/outcomes.h"
#include "engine/routing/cores.h"
#include "io/future.h"
#include "io/task.h"
#include "machines/metadata/image.h"

namespace highwater::engine {

class PartitionHost;

class Partitions {
 public:
  // `hosts[i]` is the host of core i; all must outlive the doors. `self` is the core of this door, `image` the
  // newest that this core has applied.
  Partitions(Cores& cores, CoreIndex self, std::vector<PartitionHost*> hosts, const metadata::ImageHandle& image);

  CoreIndex self() const { return self_; }
  // The core that has all of these partitions; nothing when several have them.
  std::optional<CoreIndex> owner_of_all(const std::vector<AppendPart>& parts) const;
  std::optional<CoreIndex> owner_of_all(const std::vector<ReadPart>& parts) const;

  // Completes when each part is refused or acknowledged as `acks` demands, or the deadline passed for the rest.
  // acks=none completes once everything is admitted or refused; of a log whose disk is far behind, as acks=1. Order of
  // two calls from one core to one partition is kept.
  io::Future<std::vector<AppendOutcome>> append(std::vector<AppendPart> parts, AppendOptions options);

  // The same for a request all of whose partitions are open on this core: without a mailbox, a future or a copy. False,
  // and nothing done, when one is not.
  bool append_here(AppendCall& call);

  // Kafka's fetch: waits until min_bytes are there, something is to be told, or the deadline. The first part that has
  // data gets its first batch whole, whatever the limits say; then limits hold in the order of the parts.
  io::Future<std::vector<ReadOutcome>> read(std::vector<ReadPart> parts, ReadOptions options);

  io::Future<std::vector<OffsetAnswer>> find_offsets(std::vector<OffsetQuery> queries, Isolation isolation);

  // partitions_inquiries.cc. Completes when the new starts of the logs are durable.
  io::Task<std::vector<DeleteAnswer>> delete_records(std::vector<DeleteQuery> queries);
  io::Task<std::vector<EpochAnswer>> find_epoch_ends(std::vector<EpochQuery> queries);
  io::Task<std::vector<ProducersAnswer>> describe_producers(std::vector<ProducersQuery> queries);
  // Every log directory of this node, in the order of its configuration, with all its logs.
  io::Task<std::vector<DirectoryDescription>> describe_directories();
  // The number of a log directory of this node, as its configuration spells it.
  std::optional<std::size_t> find_directory(std::string_view path) const;
  bool directory_failed(std::size_t number) const;
  // Says of each log whether it is there already or will be moved; the moves go on by themselves.
  io::Task<std::vector<ErrorCode>> move_logs(std::vector<MoveQuery> queries);

  // Completes when every partition of this node that was assigned so far is open, or has failed to open. Until then
  // requests hear NOT_LEADER_OR_FOLLOWER.
  io::Task<void> settled();

 private:
  // Which parts of a request go to one core.
  struct Share {
    CoreIndex core = 0;
    std::vector<std::size_t> parts;
  };
  template <class Part>
  std::vector<Share> split(const std::vector<Part>& parts) const;

  io::Future<std::vector<AppendOutcome>> append_on(CoreIndex core, std::vector<AppendPart> parts,
                                                   AppendOptions options);
  io::Future<std::vector<ReadOutcome>> read_on(CoreIndex core, std::vector<ReadPart> parts, ReadOptions options,
                                               std::uint64_t watch);
  io::Future<std::vector<OffsetAnswer>> find_on(CoreIndex core, std::vector<OffsetQuery> queries, Isolation isolation);

  template <class Query, class Answer>
  using Inquiry = void (PartitionHost::*)(std::vector<Query>, Reply<std::vector<Answer>>);
  template <class Query, class Answer>
  io::Task<std::vector<Answer>> ask(std::vector<Query> queries, Inquiry<Query, Answer> inquiry);

  io::Task<void> gather_appends(std::vector<Share> shares, std::vector<AppendPart> parts, AppendOptions options,
                                io::Promise<std::vector<AppendOutcome>> promise);
  io::Task<void> gather_reads(std::vector<Share> shares, std::vector<ReadPart> parts, ReadOptions options,
                              io::Promise<std::vector<ReadOutcome>> promise);
  io::Task<void> gather_offsets(std::vector<Share> shares, std::vector<OffsetQuery> queries, Isolation isolation,
                                io::Promise<std::vector<OffsetAnswer>> promise);
  struct FirstNews;
  io::Task<void> wait_for_news(std::vector<Share> shares, std::vector<ReadPart> parts, ReadOptions options);
  io::Task<void> watch_one(io::Future<std::vector<ReadOutcome>> read, std::uint64_t round);

  Cores& cores_;
  CoreIndex self_;
  std::vector<PartitionHost*> hosts_;
  const metadata::ImageHandle& image_;
  std::uint64_t last_watch_ = 0;
  std::vector<FirstNews*> rounds_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
