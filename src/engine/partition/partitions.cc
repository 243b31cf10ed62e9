#include "engine/partition/partitions.h"

#include <algorithm>
#include <utility>

#include "engine/partition/partition_host.h"
#include "engine/partition/shares.h"

namespace highwater::engine {

Partitions::Partitions(Cores& cores, CoreIndex self, std::vector<PartitionHost*> hosts,
                       const metadata::ImageHandle& image)
    : cores_(cores), self_(self), hosts_(std::move(hosts)), image_(image), tasks_(cores.reactor(self).ready()) {}

namespace {

template <class Part>
std::optional<CoreIndex> common_owner(const Cores& cores, const metadata::MetadataImage& image,
                                      const std::vector<Part>& parts) {
  std::optional<CoreIndex> common;
  for (const Part& part : parts) {
    const CoreIndex owner = owner_of(cores, image, part.partition);
    if (common && *common != owner) return std::nullopt;
    common = owner;
  }
  return common;
}

}  // namespace

std::optional<CoreIndex> Partitions::owner_of_all(const std::vector<AppendPart>& parts) const {
  return common_owner(cores_, *image_, parts);
}

std::optional<CoreIndex> Partitions::owner_of_all(const std::vector<ReadPart>& parts) const {
  return common_owner(cores_, *image_, parts);
}

io::Future<std::vector<AppendOutcome>> Partitions::append(std::vector<AppendPart> parts, AppendOptions options) {
  if (parts.empty()) return io::Future<std::vector<AppendOutcome>>::ready({});
  if (cores_.count() == 1) return append_on(self_, std::move(parts), options);
  std::vector<Share> shares = split(parts);
  if (shares.size() == 1) return append_on(shares.front().core, std::move(parts), options);
  auto [promise, future] = cores_.reactor(self_).make_future<std::vector<AppendOutcome>>();
  tasks_.spawn(gather_appends(std::move(shares), std::move(parts), options, std::move(promise)));
  return std::move(future);
}

io::Task<void> Partitions::gather_appends(std::vector<Share> shares, std::vector<AppendPart> parts,
                                          AppendOptions options, io::Promise<std::vector<AppendOutcome>> promise) {
  std::vector<AppendOutcome> outcomes(parts.size());
  std::vector<io::Future<std::vector<AppendOutcome>>> calls;
  for (const Share& share : shares) calls.push_back(append_on(share.core, pick(parts, share.parts), options));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto done = co_await std::move(calls[i]);
    put_back(outcomes, std::move(done), shares[i].parts);
  }
  promise.complete(std::move(outcomes));
}

io::Future<std::vector<AppendOutcome>> Partitions::append_on(CoreIndex core, std::vector<AppendPart> parts,
                                                             AppendOptions options) {
  using Outcomes = std::vector<AppendOutcome>;
  return cores_.call<Outcomes>(self_, core,
                               [host = hosts_[core], parts = std::move(parts), options](Reply<Outcomes> reply) mutable {
                                 host->append(std::move(parts), options, std::move(reply));
                               });
}

bool Partitions::append_here(AppendCall& call) { return hosts_[self_]->append_here(call); }

io::Future<std::vector<ReadOutcome>> Partitions::read_on(CoreIndex core, std::vector<ReadPart> parts,
                                                         ReadOptions options, std::uint64_t watch) {
  using Outcomes = std::vector<ReadOutcome>;
  return cores_.call<Outcomes>(
      self_, core, [host = hosts_[core], parts = std::move(parts), options, watch](Reply<Outcomes> reply) mutable {
        host->read(std::move(parts), options, watch, std::move(reply));
      });
}

io::Future<std::vector<OffsetAnswer>> Partitions::find_on(CoreIndex core, std::vector<OffsetQuery> queries,
                                                          Isolation isolation) {
  using Answers = std::vector<OffsetAnswer>;
  return cores_.call<Answers>(
      self_, core, [host = hosts_[core], queries = std::move(queries), isolation](Reply<Answers> reply) mutable {
        host->find_offsets(std::move(queries), isolation, std::move(reply));
      });
}

io::Task<void> Partitions::settled() {
  std::vector<io::Future<io::Done>> waiting;
  for (CoreIndex core = 0; core < cores_.count(); ++core)
    waiting.push_back(cores_.call<io::Done>(
        self_, core, [host = hosts_[core]](Reply<io::Done> reply) { host->when_settled(std::move(reply)); }));
  for (io::Future<io::Done>& one : waiting) co_await std::move(one);
}

io::Future<std::vector<ReadOutcome>> Partitions::read(std::vector<ReadPart> parts, ReadOptions options) {
  std::vector<Share> shares = split(parts);
  // Without parts there is nothing to wake it; Kafka answers such a fetch at once.
  if (shares.empty()) return io::Future<std::vector<ReadOutcome>>::ready({});
  if (shares.size() == 1) return read_on(shares.front().core, std::move(parts), options, 0);
  auto [promise, future] = cores_.reactor(self_).make_future<std::vector<ReadOutcome>>();
  tasks_.spawn(gather_reads(std::move(shares), std::move(parts), options, std::move(promise)));
  return std::move(future);
}

namespace {

// Each core gave what fits the limits for itself; here they hold for all parts, in their order. Gives what counts for
// min_bytes.
std::size_t apply_limits(std::vector<ReadOutcome>& outcomes, const std::vector<ReadPart>& parts,
                         std::size_t max_bytes) {
  std::size_t total = 0;
  std::size_t readable = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ReadOutcome& outcome = outcomes[i];
    const std::size_t size = outcome.size();
    readable += outcome.readable;
    if (total != 0 && (total + size > max_bytes || size > parts[i].max_bytes)) {
      outcome.records.clear();
      outcome.file = {};
      outcome.aborted.clear();
      continue;
    }
    total += size;
  }
  return readable;
}

}  // namespace

io::Task<void> Partitions::gather_reads(std::vector<Share> shares, std::vector<ReadPart> parts, ReadOptions options,
                                        io::Promise<std::vector<ReadOutcome>> promise) {
  io::Reactor& reactor = cores_.reactor(self_);
  ReadOptions at_once = options;
  at_once.deadline = reactor.now();
  for (;;) {
    std::vector<ReadOutcome> outcomes(parts.size());
    std::vector<io::Future<std::vector<ReadOutcome>>> calls;
    for (const Share& share : shares) calls.push_back(read_on(share.core, copy(parts, share.parts), at_once, 0));
    for (std::size_t i = 0; i < shares.size(); ++i) {
      auto done = co_await std::move(calls[i]);
      put_back(outcomes, std::move(done), shares[i].parts);
    }
    const std::size_t bytes = apply_limits(outcomes, parts, options.max_bytes);
    const bool tells = std::ranges::any_of(outcomes, &ReadOutcome::must_tell);
    if (tells || bytes >= options.min_bytes || options.deadline <= reactor.now() || !promise.wanted()) {
      promise.complete(std::move(outcomes));
      co_return;
    }
    std::vector<ReadPart> behind = parts;
    for (std::size_t i = 0; i < behind.size(); ++i) {
      const Offset seen =
          options.isolation == Isolation::read_committed ? outcomes[i].last_stable_offset : outcomes[i].high_watermark;
      if (seen > behind[i].offset) behind[i].offset = seen;
    }
    co_await wait_for_news(shares, std::move(behind), options);
  }
}

// The first core that has something new ends the round for all.
struct Partitions::FirstNews {
  std::uint64_t round = 0;
  io::Promise<io::Done> promise;
};

io::Task<void> Partitions::wait_for_news(std::vector<Share> shares, std::vector<ReadPart> parts, ReadOptions options) {
  auto [promise, future] = cores_.reactor(self_).make_future<io::Done>();
  FirstNews news{++last_watch_, std::move(promise)};
  // The number is unique on this node, so that a round of one core never cancels that of another.
  const std::uint64_t watch = news.round << 8 | self_;
  rounds_.push_back(&news);
  options.min_bytes = 1;
  for (const Share& share : shares)
    tasks_.spawn(watch_one(read_on(share.core, copy(parts, share.parts), options, watch), news.round));
  co_await std::move(future);
  std::erase(rounds_, &news);
  for (const Share& share : shares)
    cores_.post(share.core, [host = hosts_[share.core], watch] { host->cancel_read(watch); });
}

io::Task<void> Partitions::watch_one(io::Future<std::vector<ReadOutcome>> read, std::uint64_t round) {
  auto outcomes = co_await std::move(read);
  for (FirstNews* news : rounds_)
    if (news->round == round && news->promise.pending()) news->promise.complete({});
}

io::Future<std::vector<OffsetAnswer>> Partitions::find_offsets(std::vector<OffsetQuery> queries, Isolation isolation) {
  std::vector<Share> shares = split(queries);
  if (shares.empty()) return io::Future<std::vector<OffsetAnswer>>::ready({});
  if (shares.size() == 1) return find_on(shares.front().core, std::move(queries), isolation);
  auto [promise, future] = cores_.reactor(self_).make_future<std::vector<OffsetAnswer>>();
  tasks_.spawn(gather_offsets(std::move(shares), std::move(queries), isolation, std::move(promise)));
  return std::move(future);
}

io::Task<void> Partitions::gather_offsets(std::vector<Share> shares, std::vector<OffsetQuery> queries,
                                          Isolation isolation, io::Promise<std::vector<OffsetAnswer>> promise) {
  std::vector<OffsetAnswer> answers(queries.size());
  std::vector<io::Future<std::vector<OffsetAnswer>>> calls;
  for (const Share& share : shares) calls.push_back(find_on(share.core, copy(queries, share.parts), isolation));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto done = co_await std::move(calls[i]);
    put_back(answers, std::move(done), shares[i].parts);
  }
  promise.complete(std::move(answers));
}

}  // namespace highwater::engine
